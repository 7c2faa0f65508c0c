"""Handoffs over all leads: how many, how many wait, how long it takes until the next one has the lead."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import chain

from trialflow.model.lead import Lead
from trialflow.model.moments import micros
from trialflow.model.parties import UNASSIGNED
from trialflow.reports.ended import Ended
from trialflow.reports.statistics import median_incidence
from trialflow.reports.values import HandoffSummary
from trialflow.rules.ownership import handoff_waiting, unrecorded_handoffs
from trialflow.rules.workflow import Workflow

__all__ = ["NO_HANDOFFS", "accepting", "handoff_summary"]

NO_HANDOFFS = HandoffSummary(total=None, waiting=None, without_context=None, median_accept=None)
"""Not known: leads of the present alone, and nobody told of handoffs."""


def handoff_summary(
    leads: Sequence[Lead], workflow: Workflow, as_of: datetime, *, ended: Ended | None = None
) -> HandoffSummary:
    """The summary of these leads, and of those that ended and are counted already."""
    changed = (lead for lead in leads if lead.handoffs)
    told = (spell for lead in changed for spell in accepting(lead, _end(lead, workflow), as_of))
    return HandoffSummary(
        total=sum(len(lead.handoffs) for lead in leads) + (ended.handoffs if ended else 0),
        waiting=sum(handoff_waiting(lead) for lead in leads if not workflow.is_final(lead.status)),
        without_context=len(unrecorded_handoffs(leads)) + (ended.without_context if ended else 0),
        median_accept=median_incidence(chain(told, ended.spells if ended else ())),
    )


def _end(lead: Lead, workflow: Workflow) -> datetime | None:
    return lead.status_since if workflow.is_final(lead.status) else None


def accepting(lead: Lead, until: datetime | None, as_of: datetime) -> Iterator[tuple[int, int]]:
    """(time since the handoff, 1 taken over, 2 ended before by another handoff or at ``until``, 0 still waiting); a
    handoff to nobody waits for nobody. ``until``: when the lead ended, if it did."""
    ends = [*(handoff.at for handoff in lead.handoffs[1:]), until]
    for handoff, ended in zip(lead.handoffs, ends, strict=False):
        if handoff.to_owner != UNASSIGNED:
            end = handoff.accepted_at or ended or as_of
            cause = 1 if handoff.accepted_at is not None else 2 if ended is not None else 0
            yield max(0, micros(end) - micros(handoff.at)), cause
