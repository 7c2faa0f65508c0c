"""Movement: moves between statuses in a period, and per week."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from itertools import chain, repeat
from typing import NamedTuple

from trialflow.model.moments import micros
from trialflow.reports.columns import CODE, CORRECTION, MOVED, RECEIVED, Columns
from trialflow.reports.figures import Figures
from trialflow.reports.values import Movement, WeekRow
from trialflow.rules.calendar import SiteCalendar
from trialflow.rules.workflow import Workflow

__all__ = ["Directions", "Step", "directions", "first_week", "movement_of", "recorded_steps", "steps", "week_rows"]

_WEEKS = 12


class Step(NamedTuple):
    """An arrival (``origin`` -1) or a move, as codes; a corrected reason is neither."""

    origin: int
    to: int
    at: int
    reason: int
    position: int


_ALWAYS = -(1 << 62)
_new = tuple.__new__


def steps(history: Columns, since: int = _ALWAYS) -> Iterator[Step]:
    """Every arrival and every move, in the history as it stands: what the fold counts as one. With ``since`` those
    from that instant on (microseconds UTC)."""
    status = -1
    for kind, at, a, b, position in history.rows():
        if kind == MOVED:
            if a != status:
                to = a & CODE
                if at >= since:
                    yield _new(Step, (status, to, at, b & CODE, position))
                status = to
        elif kind == RECEIVED:
            status = a
            if at >= since:
                yield _new(Step, (-1, a, at, 0, position))


def recorded_steps(history: Columns) -> Iterator[Step]:
    """Every event that was recorded as an arrival or a move. Whether it counts does not depend on other events, which a
    history as of an earlier moment may lack; none counts before its lead arrived."""
    status = arrived = -1
    for kind, at, a, b, position in history.rows():
        if kind == RECEIVED:
            status, arrived = a, at
            yield Step(-1, a, at, 0, position)
        elif kind == MOVED and not b & CORRECTION:
            to = a & CODE
            yield Step(status, to, max(at, arrived), b, position)
            status = to


class Directions(NamedTuple):
    """Moves by direction in the order of the workflow's statuses; a closing is neither forward nor backward."""

    forward: int
    backward: int
    closed: int


def directions(moves: Mapping[tuple[str, str], int], workflow: Workflow) -> Directions:
    """Which way these moves went. A status that the workflow does not know lies before all others: finding out where
    the lead stands is forward, losing it backward."""
    order = {status.code: i for i, status in enumerate(workflow.statuses)}
    forward = backward = closed = 0
    for (a, b), n in moves.items():
        if workflow.is_final(b):
            closed += n
        elif order.get(b, -1) > order.get(a, -1):
            forward += n
        else:
            backward += n
    return Directions(forward, backward, closed)


def movement_of(figures: Figures, workflow: Workflow, since: datetime, until: datetime) -> Movement | None:
    """What moved in (since, until], or None without a history."""
    if figures.moves is None:
        return None
    order = {status.code: i for i, status in enumerate(workflow.statuses)}
    last = len(order)
    moves = sorted(figures.moves.items(), key=lambda m: (order.get(m[0][0], last), order.get(m[0][1], last), m[0]))
    ways = directions(figures.moves, workflow)
    legal = {(s.code, m.to) for s in workflow.statuses for m in workflow.moves_from(s.code)}
    return Movement(
        since=since,
        until=until,
        moves={f"{a} -> {b}": n for (a, b), n in moves},
        received=figures.received or 0,
        closed=ways.closed,
        forward=ways.forward,
        backward=ways.backward,
        irregular=sum(n for pair, n in moves if pair not in legal),
        handoffs=figures.handoffs or 0,
    )


def first_week(workflow: Workflow, as_of: datetime) -> datetime:
    """When the first of the weeks of :func:`week_rows` begins, UTC."""
    calendar = SiteCalendar(workflow.site)
    return calendar.day_start(_weeks(calendar, as_of)[0])


def _weeks(calendar: SiteCalendar, as_of: datetime) -> list[date]:
    today = calendar.day_of(as_of)
    first = today - timedelta(days=today.weekday(), weeks=_WEEKS - 1)
    return [first + timedelta(weeks=i) for i in range(_WEEKS)]


def week_rows(
    history: Columns, workflow: Workflow, as_of: datetime, *, beside: Sequence[Columns] = ()
) -> tuple[WeekRow, ...]:
    """Movement in each of the last twelve local weeks, the current one last; weeks start on Monday. ``beside`` are
    histories of other leads, over the same words."""
    calendar = SiteCalendar(workflow.site)
    weeks = _weeks(calendar, as_of)
    starts, end = [micros(calendar.day_start(week)) for week in weeks], micros(as_of)
    final = {i for i, code in enumerate(history.statuses.words) if workflow.is_final(code)}
    received, moves, closed = list[int](), list[int](), list[int]()
    for origin, to, at, _, _ in chain.from_iterable(steps(each, starts[0]) for each in (history, *beside)):
        if at <= end:
            (received if origin < 0 else moves).append(at)
            if origin >= 0 and to in final:
                closed.append(at)
    counts = [Counter(map(bisect_right, repeat(starts), found)) for found in (received, moves, closed)]
    arrived, moved, ended = ([found[number] for number in range(1, _WEEKS + 1)] for found in counts)
    return tuple(
        WeekRow(week=week, received=came, moves=went, closed=left)
        for week, came, went, left in zip(weeks, arrived, moved, ended, strict=True)
    )
