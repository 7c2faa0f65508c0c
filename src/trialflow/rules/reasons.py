"""Why a lead has the next action it has: codes, each with the event that caused it."""

from __future__ import annotations

import attrs

from trialflow.model.lead import Lead
from trialflow.rules.staleness import StaleLevel

__all__ = ["Reason", "reasons_for"]


@attrs.frozen
class Reason:
    """Why: a stable code and the position of the event that caused it (0: no ledger behind this lead)."""

    code: str
    position: int = 0


def reasons_for(lead: Lead, pile: str, situations: tuple[str, ...], stale: StaleLevel) -> tuple[Reason, ...]:
    """Why a lead in bucket ``pile`` and in these situations is where it is: the bucket first, then what stands open,
    then the situations."""
    found = [Reason("merged", lead.seen["merged"].position if "merged" in lead.seen else 0)] if lead.merged_into else []
    found += [Reason(f"bucket_{pile}", lead.trail[-1].position if lead.trail else 0)]
    if lead.blockers or lead.items:
        found += [Reason(f"blocked_{b.kind}", b.position) for b in lead.blockers]
        found += [Reason(f"open_{i.item}_{i.state}", i.position) for i in lead.items.values() if i.open]
    if not situations:
        return tuple(found)
    visit = lead.visit.position if lead.visit is not None else 0
    handoff = lead.handoffs[-1].position if lead.handoffs else 0
    contact = lead.contacts[-1].position if lead.contacts else 0
    cause = {
        "stale": stale.last.position,
        "unowned": handoff,
        "handoff_waiting": handoff,
        "visit_passed": visit,
        "visit_soon": visit,
        "no_response_limit": contact,
        "waiting": contact,
    }
    found += [Reason(name, cause[name]) for name in situations]
    return tuple(found)
