"""What to do first: the urgent leads by what is to be done with them, in the order of the queue.

Sixty leads that need the same review are one step, not sixty lines: it says how many they are, whose they are and what
they have in common, and names the first of them. A step stands where its first lead stands in the queue.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from trialflow.adapters.renderers.document import Section, Step, StepLead, Steps
from trialflow.adapters.renderers.names import MARKS, NOBODY, NOW, Names
from trialflow.adapters.renderers.phrases import Calendar, capital, count, human, short_ids, span
from trialflow.adapters.renderers.queue_outline import is_away
from trialflow.model.moments import micros
from trialflow.reports.queue_values import QueueRow

__all__ = ["start_section"]

_STEPS = 6
_LEADS = 3
_MANY = 10
_URGENT = ("overdue", "due_today")


def start_section(rows: Sequence[QueueRow], names: Names, calendar: Calendar, as_of: datetime) -> Section:
    """The first things to do: what is overdue or due today; where nothing is, what comes next."""
    urgent = [row for row in rows if row.due in _URGENT]
    chosen = urgent or [row for row in rows if row.due == "later"]
    groups: dict[str, list[QueueRow]] = {}
    for row in chosen:
        groups.setdefault(row.action, []).append(row)
    shown = list(groups.values())[:_STEPS]
    ids = short_ids(row.lead_id for row in rows)
    said = _Words(names, calendar, as_of, ids)
    return Section(
        key="start",
        title="Start here today",
        short="Start here",
        lead=_lead(urgent, shown) if chosen else "",
        blocks=(
            Steps(
                steps=tuple(said.step(found) for found in shown),
                empty="No open lead has an action: nothing to do today.",
                more=_more(len(chosen) - sum(map(len, shown))),
            ),
        ),
    )


def _lead(urgent: Sequence[QueueRow], steps: Sequence[Sequence[QueueRow]]) -> str:
    if not urgent:
        return "Nothing is overdue or due today. These come next."
    overdue = sum(row.due == "overdue" for row in urgent)
    parts = [count(overdue, "lead is", "leads are") + " overdue"] if overdue else []
    today = len(urgent) - overdue
    if today:
        parts.append(f"{today} due today" if parts else count(today, "lead is", "leads are") + " due today")
    kinds = "one kind of work" if len(steps) == 1 else f"{len(steps)} kinds of work"
    return f"{', '.join(parts)}: {kinds}. Work from the top."


def _more(left: int) -> str:
    return f"{count(left, 'more lead')} with other actions: see the queue." if left else ""


class _Words:
    """Says steps in words; holds what all of them need."""

    def __init__(self, names: Names, calendar: Calendar, as_of: datetime, ids: dict[str, str]) -> None:
        self._names, self._calendar, self._now, self._ids = names, calendar, micros(as_of), ids

    def step(self, rows: Sequence[QueueRow]) -> Step:
        shared = _shared(rows)
        why = capital(self._names.reasons(shared))
        if len(rows) >= _MANY:
            why = f"{why}. Take them in one sitting." if why else "Take them in one sitting."
        # One lead more than fits is shown, too: "1 more" would take the same line.
        first = rows[: _LEADS if len(rows) > _LEADS + 1 else len(rows)]
        pick = (("action", rows[0].action_label), ("due", NOW)) if rows[0].due in _URGENT else ()
        owners = Counter(self._names.owner(row.owner) for row in rows)
        return Step(
            action=rows[0].action_label,
            size=_size(rows),
            mark=MARKS[rows[0].due],
            why=why,
            leads=tuple(self._one(row, shared) for row in first),
            rest=len(rows) - len(first),
            owners=tuple((name, n, (*pick, ("owner", name))) for name, n in owners.most_common() if len(owners) > 1),
            pick=pick or (("action", rows[0].action_label),),
        )

    def _one(self, row: QueueRow, shared: Sequence[str]) -> StepLead:
        owner = self._names.owner(row.owner)
        beside = human(row.role).lower() if owner == NOBODY else "away" if is_away(row) else ""
        return StepLead(
            lead=self._names.lead(row.lead_id, self._ids),
            why=self._why(row, shared),
            due=capital(self._calendar.due(row.due_at, row.due)),
            mark=MARKS[row.due],
            owner=f"{owner} ({beside})" if beside else owner,
        )

    def _why(self, row: QueueRow, shared: Sequence[str]) -> str:
        status = self._names.status(row.status, row.status_label)
        said = [f"{status} since {self._calendar.day(row.since)}"]
        said.append(self._names.reasons(r.code for r in row.reasons if r.code not in shared))
        if row.last_movement != row.since:
            age = span(self._now - micros(row.last_movement))
            said.append(f"last movement {age} ago ({self._names.kind(row.last_movement_kind)})")
        return "; ".join(part for part in said if part)


def _shared(rows: Sequence[QueueRow]) -> list[str]:
    """The reasons that all of these rows have, in the order of the first."""
    codes = [{reason.code for reason in row.reasons} for row in rows]
    both = set.intersection(*codes)
    return [reason.code for reason in rows[0].reasons if reason.code in both and not reason.code.startswith("bucket_")]


def _size(rows: Sequence[QueueRow]) -> str:
    overdue, today = (sum(row.due == due for row in rows) for due in _URGENT)
    if not overdue and not today:
        return count(len(rows), "lead")
    if overdue and today:
        return f"{count(len(rows), 'lead')}: {overdue} overdue, {today} due today"
    word = "overdue" if overdue else "due today"
    return f"{count(len(rows), 'lead')}, {'' if len(rows) == 1 else 'all '}{word}"
