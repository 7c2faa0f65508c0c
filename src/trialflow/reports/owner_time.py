"""How long open leads were without an owner who is there: stays and ownership, cut against absences."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from trialflow.model.moments import micros
from trialflow.model.parties import UNASSIGNED
from trialflow.reports.columns import Columns
from trialflow.reports.stories import Story
from trialflow.rules.ownership import Roster
from trialflow.rules.workflow import Workflow

__all__ = ["open_time"]

_Span = tuple[int, int]


def open_time(
    told: Iterable[Story], history: Columns, workflow: Workflow, as_of: int, roster: Roster | None
) -> tuple[int, int]:
    """Microseconds of open lead-time up to ``as_of``, and how much of it was without an owner who is there.

    An owner who is inactive counts as away all the time: since when is not recorded.
    """
    final = {i for i, code in enumerate(history.statuses.words) if workflow.is_final(code)}
    away = [_away(owner, roster, as_of) for owner in history.owners.words]
    opened = unowned = 0
    for story in told:
        stays = list(_open(story, final, as_of))
        opened += sum(end - start for start, end in stays)
        for owner, start, end in _owned(story, as_of):
            unowned += sum(_overlap(span, (start, end), gone) for span in stays for gone in away[owner])
    return opened, unowned


def _open(story: Story, final: set[int], as_of: int) -> Iterator[_Span]:
    """The stretches in which the lead was open; a backdated move never turns time around."""
    reached = story.stays[0].since
    for stay in story.stays:
        start, until = max(stay.since, reached), as_of if stay.until is None else min(stay.until, as_of)
        reached = max(reached, until)
        if stay.status not in final and start < until:
            yield start, until


def _owned(story: Story, as_of: int) -> Iterator[tuple[int, int, int]]:
    """(owner, start, end), the last owner up to ``as_of``."""
    ends = [*story.owners, (-1, as_of)]
    reached = story.arrived
    for (owner, since), (_, until) in pairwise(ends):
        start = max(since, reached)
        if start < until:
            yield owner, start, until
            reached = until


def _away(owner: str, roster: Roster | None, as_of: int) -> Sequence[_Span]:
    """When nobody is there for this owner's leads: disjoint stretches, ascending."""
    always = [(-(1 << 62), 1 << 62)]
    if owner == UNASSIGNED:
        return always
    if roster is None:
        return ()
    known = roster.owners.get(owner)
    if known is not None and not known.active:
        return always
    spans = sorted(
        (micros(a.since), as_of if a.until is None else micros(a.until)) for a in roster.absences if a.owner == owner
    )
    joined: list[_Span] = []
    for start, end in spans:
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((start, end))
    return joined


def _overlap(first: _Span, second: _Span, third: _Span) -> int:
    return max(0, min(first[1], second[1], third[1]) - max(first[0], second[0], third[0]))
