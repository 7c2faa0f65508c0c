"""The command: make the copies, import them in turn, act in between, write the pages, show the first screen."""

from __future__ import annotations

import argparse
import shutil
import sys
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trialflow.adapters.import_report import ImportReport
from trialflow.adapters.ports import Entry
from trialflow.adapters.renderers.formats import render
from trialflow.adapters.renderers.phrases import count
from trialflow.adapters.renderers.terminal import show
from trialflow.adapters.sources.mapping import read_mapping
from trialflow.adapters.storages.opening import open_store, vault_path
from trialflow.cli.demo.copies import COPY_DAYS, simulate, write_copies, write_mapping_file
from trialflow.cli.demo.weeks import AUTHORITY, INVESTIGATOR, after_copy, morning
from trialflow.cli.exits import OK, UsageError
from trialflow.cli.options import add_command
from trialflow.cli.session import site_labels
from trialflow.model.errors import Unsupported
from trialflow.reports.sponsor_values import SponsorUpdate
from trialflow.tracker import Tracker

if TYPE_CHECKING:
    from trialflow.cli.options import Commands

__all__ = ["add_commands"]

_STORE = "site.db"
_FIRST_SCREEN = ("buckets", "start")
_NAMESPACE = uuid.UUID("d3a0b6a8-5f57-4c0e-9a39-7d7c5b1f2e64")
"""A real vault draws its own secret; this one is fixed, so that each run gives the same ids and the same pages."""

_TEXT = """\
Three weekly copies of an invented site's tracker, about 400 leads, imported in turn into a store; then the
dashboard for the coordinators and two updates for the sponsor. Nobody in it exists."""


def add_commands(commands: Commands) -> None:
    """Register the command."""
    text = "a site's three weeks: from an untidy sheet to a dashboard and two sponsor updates"
    parser = add_command(commands, "demo", text, _demo, more=_TEXT)
    parser.add_argument(
        "--out", default="trialflow-demo", metavar="DIR", help="where to write (default: trialflow-demo)"
    )


def _demo(args: argparse.Namespace) -> int:
    out = Path(args.out)
    copies = _prepare(out)
    clock = _Clock()
    tracker = _store(out, clock)
    mapping = read_mapping(write_mapping_file(out))
    print(f"Three copies of an invented site's tracker, imported in turn into {out / _STORE}:\n")
    updates: list[SponsorUpdate] = []
    for week, path in enumerate(copies):
        clock.now = morning(COPY_DAYS[week], 8)
        report = tracker.ingest(path, mapping=mapping, decided_by=INVESTIGATOR, authority_ref=AUTHORITY)
        print(_outcome(report))
        clock.now = morning(COPY_DAYS[week], 9)
        if update := after_copy(tracker, week):
            updates.append(update)
    print()
    _show(tracker, out, copies, updates, clock.now)
    return OK


def _outcome(report: ImportReport) -> str:
    outcomes = ", ".join(f"{number} {name}" for name, number in report.outcomes.items() if number)
    lines = [f"  {report.file}: {count(report.rows, 'row')}: {outcomes}"]
    if report.moves:
        moves = f"{report.moves.total()} moves between statuses, {report.owner_changes.total()} changes of owner"
        lines.append(f"      {moves}, found by comparing with the copy before")
    lines += [f"      line {problem.line}: {problem.message}" for problem in report.problems]
    lines += [
        f"      {count(rows, 'row says', 'rows say')} {word!r}: no status anybody knows"
        for word, rows in report.unmapped.items()
    ]
    return "\n".join(lines)


class _Clock:
    """The demonstration's own time: what is recorded carries the dates of the story, not today's."""

    now = datetime(2026, 1, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


def _prepare(out: Path) -> list[Path]:
    """An empty directory, or one of an earlier demonstration made empty; never somebody's own files."""
    store = out / _STORE
    try:
        known = {"mapping.toml", "tracker-2026-05-04.csv"}
        if out.exists() and any(out.iterdir()) and not known <= {path.name for path in out.iterdir()}:
            raise UsageError(f"{out} holds other files; name an empty or a new directory with --out DIR")
        out.mkdir(parents=True, exist_ok=True)
        for path in (store, vault_path(store)):
            path.unlink(missing_ok=True)
        return write_copies(simulate(), out)
    except OSError as error:
        raise UsageError(f"{out} cannot be written: {error.strerror}; name another with --out DIR") from None


def _store(out: Path, clock: _Clock) -> Tracker:
    storage, vault = open_store(out / _STORE, clock=clock)
    vault.put([Entry("key", "namespace", "", str(_NAMESPACE))])
    return Tracker(storage, vault, clock=clock)


def _show(tracker: Tracker, out: Path, copies: list[Path], updates: list[SponsorUpdate], now: datetime) -> None:
    board, labels = tracker.dashboard(as_of=now), site_labels(tracker)
    page = _write(out, "dashboard", board, labels, ("md", "json", "csv"))
    for update, day in zip(updates, COPY_DAYS[1:], strict=True):
        _write(out, f"sponsor-{day}", update, {}, ("md", "json"))
    show(board, labels=labels, sections=_FIRST_SCREEN)
    when = now.strftime("%Y-%m-%dT%H:%M:%S%z")
    when = f"{when[:-2]}:{when[-2:]}"
    print(f"\nIn {out}:")
    if page:
        print("  dashboard.html            the whole page; open it in a browser")
    print("  dashboard.md .json .csv   the same for people without a browser, for programs, for a spreadsheet")
    print(f"  sponsor-{COPY_DAYS[1]}.*      what the sponsor got after the second copy")
    print(f"  sponsor-{COPY_DAYS[2]}.*      ... and after the third: only what is new since then")
    print("  tracker-*.csv             the three copies; mapping.toml says what the site's own words mean")
    print("\nGo on:")
    command, store, sheet = _command(), out / _STORE, out / copies[-1].name
    print(f"  {command} worklist --db {store} --as-of {when}")
    first = board.queue[0].lead_id
    print(f"  {command} lead {labels.get(first, first)} --db {store} --as-of {when}")
    print(
        f"  {command} report {sheet} --mapping {out / 'mapping.toml'}"
        f" --decided-by {INVESTIGATOR.id} --authority {AUTHORITY}"
    )
    if not page:
        print("\nThe pages need one more package: pip install 'trialflow[html]'")


def _command() -> str:
    """How to call this program from here: an environment that is not active is named by its path."""
    if shutil.which("trialflow"):
        return "trialflow"
    script = Path(sys.executable).with_name("trialflow")
    if not script.exists():
        return f"{Path(sys.executable).name} -m trialflow"
    return str(script.relative_to(Path.cwd()) if script.is_relative_to(Path.cwd()) else script)


def _write(out: Path, name: str, report: Any, labels: Mapping[str, str], kinds: tuple[str, ...]) -> bool:
    """Write ``report`` in each format; False where the page could not be made for want of its extra."""
    formats = {"md": "markdown", "json": "json", "csv": "csv"}
    for kind in kinds:
        (out / f"{name}.{kind}").write_bytes(render(report, formats[kind], labels=labels))
    try:
        (out / f"{name}.html").write_bytes(render(report, "html", labels=labels))
    except Unsupported:
        return False
    return True
