"""Buckets: which pile on the desk a lead lies in. Derived, ordered, the first match wins; exactly one per lead."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import lru_cache
from itertools import compress

from trialflow.model.lead import Lead
from trialflow.model.parties import UNASSIGNED
from trialflow.rules.ownership import Roster, effective_owner, handoff_waiting
from trialflow.rules.readiness import Readiness, readiness
from trialflow.rules.staleness import Level, stale_level
from trialflow.rules.workflow import BucketRule, Status, When, Workflow

__all__ = ["UNMAPPED", "bucket", "bucket_of", "flags", "flags_of", "place", "taking"]

UNMAPPED = "unmapped"
"""The bucket of a lead whose status the workflow does not know: visible, never dropped."""


def place(workflow: Workflow, status: str, *, stale: bool, records_open: bool, other_open: bool) -> str:
    """The bucket for these facts: the one definition, from which tables for whole columns are made."""
    rule = taking(workflow, status, stale=stale, records_open=records_open, other_open=other_open)
    return rule.code if rule is not None else UNMAPPED


@lru_cache(maxsize=4096)
def taking(workflow: Workflow, status: str, *, stale: bool, records_open: bool, other_open: bool) -> BucketRule | None:
    """The rule that takes a lead with these facts: the first that fits, or None."""
    rules = workflow.buckets
    return next((r for r in rules if _holds(r.when, workflow, status, stale, records_open, other_open)), None)


def _holds(when: When, workflow: Workflow, status: str, stale: bool, records_open: bool, other_open: bool) -> bool:
    known = workflow.status(status)
    standing = "records" if records_open else "other" if other_open else "none"
    return (
        (not when.statuses or workflow.current(status) in when.statuses)
        and (when.known is None or when.known == (known is not None))
        and (when.final is None or (known is not None and when.final == known.final))
        and (when.stale is None or when.stale == stale)
        and (when.open is None or when.open == standing)
    )


def bucket(lead: Lead, workflow: Workflow, as_of: datetime) -> str:
    """The bucket of ``lead`` at ``as_of``."""
    return bucket_of(lead, workflow, readiness(lead, workflow), stale_level(lead, workflow, as_of).level)


def bucket_of(lead: Lead, workflow: Workflow, ready: Readiness, level: Level) -> str:
    """The bucket of ``lead``, whose readiness and staleness are known."""
    stale, records, other = level == "stale", ready.records_open, ready.other_open > 0
    return place(workflow, lead.status, stale=stale, records_open=records, other_open=other)


def flags(lead: Lead, workflow: Workflow, as_of: datetime, roster: Roster | None = None) -> tuple[str, ...]:
    """What the precedence of buckets hides: stale, at_risk, records_open, blocked, unowned, ..."""
    level = stale_level(lead, workflow, as_of).level
    return flags_of(lead, workflow, as_of, readiness(lead, workflow), level, effective_owner(lead, roster, as_of))


def flags_of(
    lead: Lead, workflow: Workflow, as_of: datetime, ready: Readiness, level: Level, owner: str
) -> tuple[str, ...]:
    """The flags of ``lead``, whose readiness, staleness and effective owner are known."""
    known = workflow.status(lead.status)
    if lead.merged_into:
        return ("merged",)
    if known is not None and known.final:
        return ()
    holds = (
        level == "stale",
        level == "at_risk",
        _over_expected(lead, known, as_of),
        ready.records_open,
        bool(lead.blockers),
        owner == UNASSIGNED,
        handoff_waiting(lead),
        known is None,
        lead.irregular_moves > 0,
        bool(lead.open_decisions),
    )
    return tuple(compress(_FLAGS, holds))


_FLAGS = (
    "stale",
    "at_risk",
    "over_expected",
    "records_open",
    "blocked",
    "unowned",
    "handoff_waiting",
    "unmapped",
    "irregular",
    "decision_open",
)


def _over_expected(lead: Lead, known: Status | None, as_of: datetime) -> bool:
    expected = known.expected_days if known is not None else None
    return expected is not None and as_of - lead.status_since > timedelta(days=expected)
