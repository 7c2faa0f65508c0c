"""What first happened to a lead, by name: the clocks of service levels start and stop on these.

Moves are in the trail already; notes, permissions and the like start and stop no clock.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

__all__ = ["FIRSTS"]

FIRSTS: dict[str, Callable[[Any], str]] = {
    "acknowledged": lambda _event: "acknowledged",
    "handoff_accepted": lambda _event: "handoff_accepted",
    "contact_attempted": lambda event: f"contact_attempted:{event.outcome}",
    "prescreened": lambda event: f"prescreened:{event.to_state}",
    "item_set": lambda event: f"item_set:{event.item}:{event.to_state}",
    "blocked": lambda event: f"blocked:{event.blocker}",
    "unblocked": lambda event: f"unblocked:{event.blocker}",
    "action_set": lambda event: f"action_set:{event.action}",
    "visit_set": lambda event: f"visit_set:{event.to_state}",
    "decision_requested": lambda event: f"decision_requested:{event.decision}",
    "decision_recorded": lambda event: f"decision_recorded:{event.decision}",
}
"""The name of what an event of each kind tells: ``item_set:records:requested``."""
