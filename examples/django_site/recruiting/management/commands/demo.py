"""manage.py demo: this site with invented data, on this machine."""

from __future__ import annotations

import secrets
import tempfile
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from django.contrib.auth.models import User
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from recruiting.models import Coordinator, Enquiry, Study
from recruiting.sample import copy_of
from recruiting.work import tracker

_HOST = "127.0.0.1"
_PEOPLE = (("anna", "Anna", "Example", "u-17", "coordinator"), ("lee", "Lee", "Sample", "u-1", "site_lead"))


class Command(BaseCommand):
    """Show the site."""

    help = "Make the database where there is none, fill it with an invented tracker, and serve it to this machine."

    def add_arguments(self, parser: CommandParser) -> None:
        """Where to serve."""
        parser.add_argument("--port", type=int, default=8420)
        parser.add_argument("--password", help="of both people (default: a new one at each start)")
        parser.add_argument("--no-server", action="store_true", help="only make the data")

    def handle(self, *args: Any, **options: Any) -> None:
        """Migrate, fill, serve."""
        call_command("migrate", verbosity=0)
        password = options["password"] or secrets.token_urlsafe(9)
        if not Enquiry.objects.exists():
            self._fill(timezone.localdate())
        known = {name: code for code, name in tracker().labels().items()}
        for name, first, last, code, role in _PEOPLE:
            # Whoever owns enquiries in the tracker is known in the ledger already, by the code that the import gave.
            self._person(name, first, last, known.get(f"{first} {last}", code), role, password)
        names = " and ".join(name for name, *_ in _PEOPLE)
        self.stdout.write(f"Log in as {names}, password {password}: http://{_HOST}:{options['port']}/")
        self.stdout.write("Nobody in it exists. Stop with Ctrl-C.")
        if not options["no_server"]:
            call_command("runserver", f"{_HOST}:{options['port']}", "--insecure", "--noreload")

    def _person(self, name: str, first: str, last: str, code: str, role: str, password: str) -> None:
        user, _ = User.objects.get_or_create(username=name, defaults={"first_name": first, "last_name": last})
        user.is_staff = user.is_superuser = True
        user.set_password(password)
        user.save()
        Coordinator.objects.get_or_create(user=user, defaults={"code": code, "role": role})

    def _fill(self, today: date) -> None:
        Study.objects.get_or_create(code="sleep-2", defaults={"title": "An invented study of sleep"})
        with tempfile.TemporaryDirectory() as folder:
            for day, before in ((today - timedelta(days=7), True), (today, False)):
                path = Path(folder) / f"tracker_{day.isoformat()}.csv"
                path.write_text(copy_of(today, before=before), "utf-8")
                call_command("import_tracker", path, study="sleep-2", as_of=day, stdout=self.stdout)
