"""What one lead adds to the counts that a store keeps: codes alone, and nothing that a workflow or a clock decides.

A status is a word here; whether it ends the work, which milestones it proves and in which bucket it lies is asked of
the workflow when the counts are read (:mod:`trialflow.reports.ended`). Hence one set of counts serves every workflow,
also one that is changed later.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, NamedTuple

from trialflow.model.lead import Lead
from trialflow.reports.columns import (
    AUTOMATED,
    BLOCKED,
    CODE,
    CONTACT,
    ITEM,
    MOVED,
    PRESCREENED,
    RECEIVED,
    SEEN,
    SOURCE,
    UNBLOCKED,
    VISIT,
    Row,
)
from trialflow.reports.fold_tables import CONTACTED, PRESCREEN_REACHES, VISIT_REACHES
from trialflow.rules.ownership import unrecorded_handoffs

__all__ = ["Contribution", "What", "contribution"]

What = Literal["end", "reach", "place"]


class Contribution(NamedTuple):
    """One lead in the counts.

    ``end``: status, source, reason of the last move. ``reach``: status, source, milestones that events tell of (bits),
    then every status it was in. ``place``: status, whether a handoff has no context, then what stands: open items and
    blockers. All are codes.
    """

    end: tuple[int, ...]
    reach: tuple[int, ...]
    place: tuple[int, ...]
    attempts: int
    handoffs: int

    def counted(self) -> tuple[tuple[What, tuple[int, ...]], ...]:
        """The three counts it is in."""
        return ("end", self.end), ("reach", self.reach), ("place", self.place)


def contribution(lead: Lead | None, rows: Iterable[Row]) -> Contribution:
    """What ``lead``, whose rows as they stand are these, adds; without the lead, all but its handoffs. The same facts
    as :mod:`trialflow.reports.fold` takes; a test compares them."""
    status = source = reason = attempts = reached = 0
    visited, standing = set[int](), set[int]()
    for kind, _, a, b, _ in rows:
        if kind == MOVED:
            status, reason = a & CODE, b & CODE
            visited.add(status)
        elif kind == CONTACT:
            attempts = a
            reached |= CONTACTED if b else 0
        elif kind == RECEIVED:
            status, source = a, b
            visited.add(status)
        elif kind == ITEM:
            (standing.add if b else standing.discard)(a)
        elif kind == PRESCREENED:
            reached |= PRESCREEN_REACHES[a]
        elif kind == VISIT:
            reached |= VISIT_REACHES[a]
        elif kind == SEEN:
            reason = b
        elif kind == BLOCKED:
            standing.add(a)
        elif kind == UNBLOCKED:
            standing.discard(a)
        elif kind == SOURCE:
            source = b
        elif kind == AUTOMATED:
            attempts = a
    told = (lead,) if lead is not None else ()
    return Contribution(
        end=(status, source, reason),
        reach=(status, source, reached, *sorted(visited)),
        place=(status, len(unrecorded_handoffs(told)), *sorted(standing)),
        attempts=attempts,
        handoffs=sum(len(lead.handoffs) for lead in told),
    )
