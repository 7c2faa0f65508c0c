"""What ids and codes are called on a page: the site's labels first, then the workflow's, then the code in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import attrs

from trialflow.adapters.renderers.document import Mark
from trialflow.adapters.renderers.phrases import human, reasons
from trialflow.model.parties import UNASSIGNED

__all__ = ["DUE_WORDS", "MARKS", "NOBODY", "NOW", "Names"]

NOBODY = "Nobody yet"
"""What an unassigned lead shows instead of an owner: never a blank."""

_PRESCREEN = {"none": "Not started", "started": "Started", "completed": "Completed"}
_RECORDS = {
    "": "Not known yet",
    "unknown": "Not known yet",
    "needed": "Needed",
    "requested": "Requested",
    "received": "Received",
    "reviewed": "Reviewed",
    "not_needed": "Not needed",
}
_KINDS = {
    "received": "arrival",
    "acknowledged": "acknowledgement",
    "moved": "change of status",
    "contact_attempted": "contact attempt",
    "prescreened": "prescreen",
    "item_set": "readiness item",
    "blocked": "new blocker",
    "unblocked": "blocker cleared",
    "visit_set": "visit",
    "handoff_accepted": "handoff taken over",
    "decision_requested": "question to the study team",
    "decision_recorded": "record of the study team",
}
_FLAGS = {
    "stale": "stale",
    "at_risk": "at risk of going stale",
    "over_expected": "longer there than expected",
    "records_open": "records open",
    "blocked": "blocked",
    "handoff_waiting": "handoff not taken over",
    "irregular": "irregular move in its history",
    "decision_open": "question to the study team open",
    "merged": "merged",
}
_GAPS = {
    "no_owner": "Nobody works on it",
    "records_gap": "Records are open",
    "follow_up_overdue": "Follow-up is overdue",
    "missing_sponsor_field": "Source or status is missing",
}
_CAUSES = {
    "missing_records": "Records are missing",
    "not_contacted": "No contact attempt yet",
    "no_response": "No response so far",
    "follow_up_due": "Follow-up is due",
    "prescreen_due": "Prescreen is due",
    "needs_review": "Review is due",
    "scheduling_due": "Visit is to be scheduled",
    "visit_outcome_due": "Outcome of the visit is not recorded",
    "study_team_record_due": "The study team's record is due",
    "no_movement": "No movement",
}
_FAMILIES = {"not_a_fit_prescreen": "Closed after prescreen", "screen_failure": "Study team: screening ended"}
DUE_WORDS = {"overdue": "Overdue", "due_today": "Due today", "later": "Later", "none": "No date"}
"""How urgent an action is."""

NOW = "Overdue or due today"
"""What a filter calls the two urgent ones together."""

MARKS: Mapping[str, Mark] = {"overdue": "overdue", "due_today": "due_today", "later": "later", "none": "none"}
"""How urgency is set off."""


@attrs.frozen(kw_only=True)
class Names:
    """Looks up every name a report shows. ``labels`` come from the site, the rest from the report itself."""

    labels: Mapping[str, str] = attrs.field(factory=dict)
    statuses: Mapping[str, str] = attrs.field(factory=dict)
    buckets: Mapping[str, str] = attrs.field(factory=dict)
    items: Mapping[str, str] = attrs.field(factory=dict)
    blockers: Mapping[str, str] = attrs.field(factory=dict)

    def lead(self, lead_id: str, short: Mapping[str, str]) -> str:
        """What the site calls a lead (its id in the sheet, or a name); else the opaque id, shortened by ``short``."""
        return self.labels.get(lead_id) or short.get(lead_id, lead_id)

    def owner(self, owner: str) -> str:
        """Who owns it; nobody is said, too."""
        return NOBODY if owner in (UNASSIGNED, "") else self.labels.get(owner, owner)

    def status(self, code: str, label: str = "") -> str:
        """The label of a status; an unknown word by what the sheet called it."""
        return self.labels.get(code) or self.statuses.get(code) or label or human(code)

    def bucket(self, code: str) -> str:
        """The label of a bucket."""
        return self.buckets.get(code) or human(code)

    def blocker(self, kind: str) -> str:
        """The label of a kind of blocker."""
        return self.blockers.get(kind) or human(kind)

    def reasons(self, codes: Iterable[str]) -> str:
        """Why something is to be done, in a few words."""
        return reasons(codes, self.items, self.blockers)

    def source(self, source: str) -> str:
        """The source; an empty one is said."""
        return self.labels.get(source, source) or "No source recorded"

    def prescreen(self, state: str) -> str:
        """How far the prescreen is."""
        return _PRESCREEN.get(state) or human(state)

    def records(self, state: str) -> str:
        """How far the records are."""
        return _RECORDS.get(state) or human(state)

    def kind(self, kind: str) -> str:
        """What an event was, as a noun."""
        return _KINDS.get(kind) or human(kind).lower()

    def flag(self, flag: str) -> str:
        """A secondary flag; empty where another column says it already."""
        return "" if flag in ("unowned", "unmapped") else _FLAGS.get(flag) or human(flag).lower()

    def family(self, family: str) -> str:
        """A family of close reasons."""
        return _FAMILIES.get(family) or human(family)

    def gap(self, gap: str) -> str:
        """One of the usual gaps."""
        return _GAPS.get(gap) or human(gap)

    def cause(self, cause: str) -> str:
        """Why leads went stale."""
        return _CAUSES.get(cause) or self.blocker(cause)
