"""The closed lists that a workflow draws from: what its words mean is built in, everything else is its own."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Final, get_args

from trialflow.model import events
from trialflow.model.facts import ItemState, PrescreenState, VisitState
from trialflow.rules.work import CONTACT_OUTCOMES

__all__ = [
    "ANCHORS",
    "COMMANDS",
    "EVENT_KINDS",
    "FAMILIES",
    "MILESTONES",
    "SITUATIONS",
    "STATES",
    "WEEKDAYS",
    "Speller",
]

ANCHORS: Final = (
    "received",
    "status_since",
    "last_contact",
    "last_movement",
    "blocked_since",
    "readiness_since",
    "handoff",
    "visit",
)
"""The moments from which an action's due time counts; one that is missing on a lead means ``status_since``."""

COMMANDS: Final = (
    "accept", "acknowledge", "action", "assign", "block", "contact", "correct", "erase", "item", "merge", "move",
    "note", "permit", "prescreen", "proposal", "propose", "record_decision", "request_decision", "source", "unblock",
    "unmerge", "visit",
)  # fmt: skip
"""What a role may be allowed to do; ``*`` stands for all."""

EVENT_KINDS: Final = tuple(sorted({getattr(events, name).kind for name in events.__all__} - {""}))
"""The kinds of events of a lead."""

FAMILIES: Final = (
    "not_a_fit_prescreen", "screen_failure", "declined", "no_response", "records_unobtainable", "logistics", "capacity",
    "study_closed", "duplicate", "do_not_contact", "other",
)  # fmt: skip
"""What close reasons mean, whatever their codes."""

MILESTONES: Final = (
    "received", "contacted", "prescreen_completed", "reviewable", "scheduled", "attended", "consented", "enrolled",
)  # fmt: skip
"""What a status can prove to have been reached."""

SITUATIONS: Final = (
    "unowned", "handoff_waiting", "visit_passed", "visit_soon", "no_response_limit", "waiting", "stale",
)  # fmt: skip
"""What the moment brings, beside status, bucket and blockers."""

WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

STATES: Final = {
    "contact_attempted": CONTACT_OUTCOMES,
    "item_set": get_args(ItemState),
    "prescreened": get_args(PrescreenState),
    "visit_set": get_args(VisitState),
}
"""The states and outcomes that a trigger of a service level may name, by event kind."""


_COMPARISONS = 100_000
"""How many pairs of words are compared at most, about a second: a broken file may hold thousands of unknown words."""


class Speller:
    """Finds the known word that a misspelt one was most likely to be, until its comparisons are used up."""

    def __init__(self, comparisons: int = _COMPARISONS) -> None:
        self._left = comparisons
        self._seen: dict[tuple[str, tuple[str, ...]], str] = {}

    def meant(self, word: str, known: Iterable[str]) -> str:
        """The known word that ``word`` is, or most likely was to be; ``word`` itself when none is close."""
        words = tuple(known)
        if word in words or len(words) > self._left or len(word) > 60:
            return word
        if (word, words) not in self._seen:
            self._left -= len(words)
            self._seen[word, words] = next(iter(get_close_matches(word, words, n=1, cutoff=0.6)), word)
        return self._seen[word, words]

    def hint(self, word: str, known: Iterable[str]) -> str:
        """``; did you mean 'review'?`` for a word close to a known one, else which words there are."""
        words = tuple(known)
        close = self.meant(word, words)
        if close in words:
            return f"; did you mean {close!r}?"
        shown = ", ".join(words[:12]) + (" ..." if len(words) > 12 else "")
        return f"; use one of: {shown}" if words else "; none is defined"
