"""``lead``: one lead with everything a coordinator asks about it."""

from __future__ import annotations

import argparse
from datetime import datetime
from typing import TYPE_CHECKING, Any

import attrs

from trialflow.adapters.renderers.history_words import Words
from trialflow.adapters.renderers.phrases import Calendar, human, reasons
from trialflow.cli.exits import OK, for_shell
from trialflow.cli.options import add_command, add_json, add_moment, add_names, add_store, lead_argument
from trialflow.cli.session import labels, lead_id, moment, print_json, tracker
from trialflow.model.codec import encode
from trialflow.model.lead import Lead
from trialflow.model.moments import iso
from trialflow.model.parties import Actor
from trialflow.model.recorded import Recorded
from trialflow.reports.json import plain
from trialflow.reports.queue import queue_row
from trialflow.rules.moves import Option
from trialflow.rules.next_action import Assessment, assess
from trialflow.rules.ownership import Roster, effective_owner
from trialflow.rules.reminders import PreparationStep, visit_preparation
from trialflow.rules.slas import SlaStatus, sla_status
from trialflow.rules.worklist import work_item
from trialflow.tracker import Tracker

if TYPE_CHECKING:
    from trialflow.cli.options import Commands

__all__ = ["add_commands"]

_MORE = """\
Status, owner, the next action and why, what the next step needs, what to prepare for a planned visit, service levels,
the moves that are possible and why the others are not, and the history in words. The moves are those of a person in
--role."""


_KEPT = {
    "met": "kept",
    "late": "met late",
    "breached": "missed and open",
    "open": "not due yet",
    "lapsed": "the lead ended first",
}
"""The results of a service level, in the words of the diagnosis."""


def add_commands(commands: Commands) -> None:
    """Register the command."""
    parser = add_command(commands, "lead", "one lead: status, next action and why, moves, history", _lead, more=_MORE)
    lead_argument(parser)
    add_store(parser)
    add_moment(parser)
    add_json(parser)
    add_names(parser)
    parser.add_argument("--role", default="coordinator", help="whose moves to show (default: coordinator)")


def _lead(args: argparse.Namespace) -> int:
    found = tracker(args)
    page = _Page.of(found, lead_id(found, args.lead), args)
    if args.json:
        print_json(page.document())
    else:
        print("\n".join(page.lines()))
    return OK


@attrs.frozen(kw_only=True)
class _Page:
    """One lead at one moment, ready to be shown."""

    lead: Lead
    at: datetime
    assessed: Assessment
    away: bool
    slas: tuple[SlaStatus, ...]
    options: tuple[Option, ...]
    history: tuple[Recorded, ...]
    identity: dict[str, str]
    notes: tuple[str, ...]
    words: Words

    @classmethod
    def of(cls, found: Tracker, known: str, args: argparse.Namespace) -> _Page:
        """Read everything once, as of the moment asked for."""
        at, workflow = found.instant(moment(args.as_of)), found.workflow
        lead, roster = found.lead(known, as_of=at if args.as_of else None), Roster.of(found.site_state(as_of=at))
        by = Actor(id="reader", role=args.role)
        named = not args.no_names
        return cls(
            lead=lead,
            at=at,
            assessed=assess(lead, workflow, at, roster),
            away=effective_owner(lead, roster, at) != lead.owner,
            slas=sla_status(lead, workflow, at),
            options=found.options(known, by=by, as_of=at),
            history=tuple(record for record in found.history(known) if record.event.at <= at),
            identity=found.identity(known) if named else {},
            notes=found.notes(known) if named else (),
            words=Words(workflow, labels(args, found), Calendar(workflow.site.zone, at)),
        )

    def document(self) -> dict[str, Any]:
        """The JSON document."""
        item = work_item(self.assessed, self.words.workflow)
        return {
            "format": "trialflow.lead/1",
            "as_of": iso(self.at),
            "lead": self.lead.id,
            "version": self.lead.version,
            "identity": self.identity,
            "row": plain(queue_row(item, self.words.workflow)),
            "owner_away": self.away,
            "readiness": plain(self.assessed.readiness),
            "visit_preparation": plain(visit_preparation(self.lead, self.words.workflow)),
            "stale": plain(self.assessed.stale),
            "service_levels": plain(self.slas),
            "options": [{**plain(option), "allowed": option.allowed} for option in self.options],
            "open_decisions": plain(self.lead.open_decisions),
            "proposals": plain(self.lead.proposals),
            "notes": list(self.notes),
            "history": [
                {
                    "position": record.position,
                    "recorded_at": iso(record.recorded_at),
                    "text": self.words.say(record.event),
                    "event": encode(record.event),
                }
                for record in self.history
            ],
        }

    def lines(self) -> list[str]:
        """The page for a terminal."""
        called = " ".join(filter(None, (self.identity.get("external_id"), self.identity.get("name")))) or self.lead.id
        return [called, *self._now(), *self._needs(), *self._visit(), *self._levels(), *self._moves(), *self._past()]

    def _now(self) -> list[str]:
        lead, action, words = self.lead, self.assessed.action, self.words
        blockers = {blocker.code: blocker.label for blocker in words.workflow.blockers}
        items = {item.code: item.label for item in words.workflow.items}
        due = words.calendar.due(action.due_at, action.due)
        stale = self.assessed.stale
        level = stale.level.replace("_", " ")
        if stale.changes_at is not None:
            level += f"; changes {words.calendar.moment(stale.changes_at)}"
        rows = [
            ("id", lead.id),
            ("source", lead.source.id),
            ("status", f"{words.status(lead.status)} since {words.calendar.day(lead.status_since)}"),
            ("owner", words.owner(lead.owner) + (", who is away" if self.away else "")),
            ("next action", f"{action.label}; {due}" + (f"; {human(action.role).lower()}" if action.role else "")),
            ("because", reasons((reason.code for reason in action.reasons), items, blockers)),
            ("movement", words.calendar.day(stale.last.at) + ("" if level == "none" else f", {level}")),
        ]
        return [f"  {name:<12}  {text}" for name, text in rows if text]

    def _needs(self) -> list[str]:
        ready, words = self.assessed.readiness, self.words
        rows = [f"{words.item(i.item)}: {i.state}, since {words.calendar.day(i.since)}" for i in ready.open]
        rows += [f"{words.blocker(b.kind)}, since {words.calendar.day(b.since)}" for b in ready.blockers]
        rows += [f"{human(d.decision)}: the study team was asked" for d in self.lead.open_decisions]
        return _section("What the next step needs", rows)

    def _visit(self) -> list[str]:
        found, calendar = visit_preparation(self.lead, self.words.workflow), self.words.calendar
        if found is None:
            return []
        rows = [f"[{'x' if step.done else ' '}] {step.label}{_state(step, calendar)}" for step in found.steps]
        return _section(f"To prepare for the visit of {calendar.moment(found.visit_at)}", rows)

    def _levels(self) -> list[str]:
        shown = [level for level in self.slas if level.result not in ("not_started", "not_known")]
        due = self.words.calendar.day
        rows = [
            f"{level.label}: {_KEPT.get(level.result, level.result)}"
            + (f", due {due(level.due_at)}" if level.due_at is not None else "")
            for level in shown
        ]
        return _section("Service levels", rows)

    def _moves(self) -> list[str]:
        rows = []
        for option in self.options:
            rows.append(f"{option.move}: to {option.label}" + ("" if option.allowed else ", not yet:"))
            rows += [f"    {refusal.message}; {for_shell(refusal.fix)}" for refusal in option.refusals]
        return _section("Moves", rows)

    def _past(self) -> list[str]:
        say, calendar = self.words.say, self.words.calendar
        rows = [f"{r.position:>6}  {calendar.moment(r.event.at):<18}  {say(r.event)}" for r in self.history]
        return [*_section("Notes", list(self.notes)), *_section("History", rows)]


def _state(step: PreparationStep, calendar: Calendar) -> str:
    """How far a point of the checklist is; one that nobody spoke of is to be looked at."""
    said = "not said yet" if step.state == "unknown" else step.state.replace("_", " ")
    until = f", by {calendar.day(step.due_at)}" if step.due_at is not None and not step.done else ""
    return f": {said}{until}"


def _section(title: str, rows: list[str]) -> list[str]:
    return ["", title, *(f"  {row}" for row in rows)] if rows else []
