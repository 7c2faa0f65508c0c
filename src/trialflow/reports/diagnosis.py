"""Where leads wait, where records get lost, where follow-up slows, what needs an owner; and the review checklist."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime, timedelta

import attrs

from trialflow.model.lead import Lead
from trialflow.model.moments import from_micros, micros
from trialflow.reports.columns import CONTACT, HANDOFF, MOVED, OWNER, RECEIVED, SHIFT, Columns
from trialflow.reports.statistics import median, ratio
from trialflow.reports.values import Ratio
from trialflow.rules.calendar import SiteCalendar
from trialflow.rules.gaps import gap_report
from trialflow.rules.ownership import Roster, unrecorded_handoffs
from trialflow.rules.workflow import Workflow

__all__ = ["Check", "Diagnosis", "FollowUp", "RecordsWait", "StatusTime", "diagnose"]


@attrs.frozen(kw_only=True)
class StatusTime:
    """Time in one status, microseconds: the median of ended spells and of open ones (which may still grow)."""

    status: str
    label: str
    ended: int
    median_ended: int | None
    waiting: int
    median_waiting: int | None


@attrs.frozen(kw_only=True)
class RecordsWait:
    """Records asked for and not here yet: how many, and their median age in microseconds."""

    needed: int
    requested: int
    median_requested: int | None


@attrs.frozen(kw_only=True)
class FollowUp:
    """Leads that arrived in one local week: median microseconds to the first attempt, and who still waits for one."""

    week: date
    received: int
    median_first_attempt: int | None
    waiting: int


@attrs.frozen(kw_only=True)
class Check:
    """One point of the review checklist: what to look at, and on how many leads."""

    code: str
    text: str
    count: int


@attrs.frozen(kw_only=True)
class Diagnosis:
    """Where the work gets stuck at ``as_of``. ``unowned_time``: share of open lead-time without an owner, in hours."""

    as_of: datetime
    statuses: tuple[StatusTime, ...]
    records: RecordsWait
    follow_up: tuple[FollowUp, ...]
    unowned_time: Ratio
    checklist: tuple[Check, ...]


def diagnose(
    leads: Iterable[Lead], workflow: Workflow, as_of: datetime, *, history: Columns, roster: Roster | None = None
) -> Diagnosis:
    """The diagnosis of these leads and their history."""
    found = [lead for lead in leads if not lead.merged_into]
    return Diagnosis(
        as_of=as_of,
        statuses=_times(history, workflow, micros(as_of)),
        records=_records(found, workflow, as_of),
        follow_up=_follow_up(history, workflow, as_of),
        unowned_time=_unowned(history, workflow, micros(as_of)),
        checklist=_checklist(found, workflow, as_of, roster),
    )


def _times(history: Columns, workflow: Workflow, as_of: int) -> tuple[StatusTime, ...]:
    ended: dict[int, list[int]] = {}
    waiting: dict[int, list[int]] = {}
    for status, start, end in _spells(history):
        if end is None:
            waiting.setdefault(status, []).append(max(0, as_of - start))
        else:
            ended.setdefault(status, []).append(max(0, end - start))
    rows = []
    for known in workflow.statuses:
        code = history.statuses.code(known.code)
        if known.final or not (code in ended or code in waiting):
            continue
        over, still = ended.get(code, []), waiting.get(code, [])
        rows.append(
            StatusTime(
                status=known.code,
                label=known.label,
                ended=len(over),
                median_ended=median(over),
                waiting=len(still),
                median_waiting=median(still),
            )
        )
    return tuple(rows)


def _spells(history: Columns) -> Iterable[tuple[int, int, int | None]]:
    """(status, since, until or None) of every stay."""
    status = since = -1
    for kind, at, a in zip(history.kind, history.at, history.a, strict=True):
        if kind == RECEIVED:
            if status >= 0:
                yield status, since, None
            status, since = a, at
        elif kind == MOVED:
            yield status, since, at
            status, since = a & ((1 << SHIFT) - 1), at
    if status >= 0:
        yield status, since, None


def _records(leads: list[Lead], workflow: Workflow, as_of: datetime) -> RecordsWait:
    items = [lead.items["records"] for lead in leads if "records" in lead.items and not workflow.is_final(lead.status)]
    requested = [micros(as_of) - micros(item.since) for item in items if item.state == "requested"]
    return RecordsWait(
        needed=sum(item.state == "needed" for item in items),
        requested=len(requested),
        median_requested=median(requested),
    )


def _follow_up(history: Columns, workflow: Workflow, as_of: datetime, weeks: int = 8) -> tuple[FollowUp, ...]:
    calendar = SiteCalendar(workflow.site)
    this = calendar.day_of(as_of)
    first = this - timedelta(days=this.weekday(), weeks=weeks - 1)
    waits: dict[date, list[int | None]] = {first + timedelta(weeks=i): [] for i in range(weeks)}
    for arrived, attempted in _first_attempts(history):
        day = calendar.day_of(from_micros(arrived))
        week = day - timedelta(days=day.weekday())
        if week in waits:
            waits[week].append(max(0, attempted - arrived) if attempted is not None else None)
    return tuple(
        FollowUp(
            week=week,
            received=len(found),
            median_first_attempt=median(w for w in found if w is not None),
            waiting=sum(w is None for w in found),
        )
        for week, found in waits.items()
    )


def _first_attempts(history: Columns) -> list[tuple[int, int | None]]:
    found: list[tuple[int, int | None]] = []
    for kind, at in zip(history.kind, history.at, strict=True):
        if kind == RECEIVED:
            found.append((at, None))
        elif kind == CONTACT:
            arrived, before = found[-1]
            found[-1] = (arrived, at if before is None else min(before, at))
    return found


def _unowned(history: Columns, workflow: Workflow, as_of: int) -> Ratio:
    """Open lead-hours without an owner out of all open lead-hours, whole hours."""
    hour = 3_600_000_000
    final = {i for i, code in enumerate(history.statuses.words) if workflow.is_final(code)}
    opened = unowned = 0
    owner, start, done = 0, -1, False
    for kind, at, a in [*zip(history.kind, history.at, history.a, strict=True), (RECEIVED, as_of, 0)]:
        if kind not in (RECEIVED, OWNER, HANDOFF, MOVED):
            continue
        # A lead's last stretch ends now; the row that opens the next lead closes it.
        until = as_of if kind == RECEIVED else at
        if start >= 0 and not done:
            stretch = max(0, until - start)
            opened += stretch
            unowned += stretch if owner == 0 else 0
        start = at if kind == RECEIVED else max(start, at)
        if kind == RECEIVED:
            owner, done = 0, a in final
        elif kind == MOVED:
            done = a & ((1 << SHIFT) - 1) in final
        else:
            owner = a
    return ratio(unowned // hour, opened // hour)


def _checklist(leads: list[Lead], workflow: Workflow, as_of: datetime, roster: Roster | None) -> tuple[Check, ...]:
    gaps = {name: len(ids) for name, ids in gap_report(leads, workflow, as_of, roster).gaps.items()}
    unknown = Counter(lead.status for lead in leads if workflow.status(lead.status) is None)
    rows = (
        ("no_owner", "Give every open lead an owner who is there", gaps["no_owner"]),
        ("follow_up_overdue", "Do, or plan anew, every overdue next action", gaps["follow_up_overdue"]),
        ("records_gap", "Ask for, chase or review the open records", gaps["records_gap"]),
        ("missing_sponsor_field", "Fill in sources and statuses that reports need", gaps["missing_sponsor_field"]),
        ("handoff_context", "Give handoffs without context their reason", len(unrecorded_handoffs(leads))),
        ("unmapped", "Map the statuses the workflow does not know", sum(unknown.values())),
    )
    return tuple(Check(code=code, text=text, count=count) for code, text, count in rows)
