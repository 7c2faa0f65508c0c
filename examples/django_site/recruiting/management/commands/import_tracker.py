"""manage.py import_tracker FILE --study CODE: one copy of a tracker into the ledger, and the clinic's rows with it."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from recruiting.models import Coordinator, Study
from recruiting.work import import_copy
from trialflow import TrialflowError


class Command(BaseCommand):
    """Import a tracker."""

    help = (
        "Import one copy of a tracker (CSV or XLSX): what changed since the last one is recorded, all of it or nothing."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """The file, the study, the date."""
        parser.add_argument("file", type=Path)
        parser.add_argument("--study", required=True, help="the code of a study")
        parser.add_argument("--by", help="the code of the coordinator who imports (default: the sheet itself)")
        parser.add_argument("--as-of", type=date.fromisoformat, help="the day the copy was made, YYYY-MM-DD")

    def handle(self, *args: Any, **options: Any) -> None:
        """Import, and say what came of the rows."""
        study = _named(Study, options["study"], "study")
        by = _named(Coordinator, options["by"], "coordinator") if options["by"] else None
        try:
            report = import_copy(options["file"], study, by, as_of=options["as_of"])
        except TrialflowError as error:
            raise CommandError(str(error)) from error
        counts = ", ".join(f"{count} {what}" for what, count in report.outcomes.items() if count)
        self.stdout.write(f"{report.file}: {report.rows} rows ({counts or 'nothing new'})")
        for problem in report.problems:
            self.stdout.write(f"  line {problem.line}, {problem.column}: {problem.message}")


def _named(model: Any, code: str, what: str) -> Any:
    found = model.objects.filter(code=code).first()
    if found is None:
        raise CommandError(f"no {what} has the code {code!r}; add it in the admin")
    return found
