"""Buckets: which pile on the desk a lead lies in. Derived, ordered, the first match wins; exactly one per lead."""

from __future__ import annotations

from datetime import datetime, timedelta

from trialflow.model.lead import Lead
from trialflow.rules.ownership import handoff_waiting
from trialflow.rules.readiness import readiness
from trialflow.rules.staleness import stale_level
from trialflow.rules.workflow import BucketRule, Status, When, Workflow

__all__ = ["UNMAPPED", "bucket", "flags", "place", "taking"]

UNMAPPED = "unmapped"
"""The bucket of a lead whose status the workflow does not know: visible, never dropped."""


def place(workflow: Workflow, status: str, *, stale: bool, records_open: bool, other_open: bool) -> str:
    """The bucket for these facts: the one definition, from which tables for whole columns are made."""
    rule = taking(workflow, status, stale=stale, records_open=records_open, other_open=other_open)
    return rule.code if rule is not None else UNMAPPED


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
    ready = readiness(lead, workflow)
    return place(
        workflow,
        lead.status,
        stale=stale_level(lead, workflow, as_of).level == "stale",
        records_open=ready.records_open,
        other_open=ready.other_open > 0,
    )


def flags(lead: Lead, workflow: Workflow, as_of: datetime) -> tuple[str, ...]:
    """What the precedence of buckets hides: stale, at_risk, records_open, blocked, unowned, ..."""
    known = workflow.status(lead.status)
    if known is not None and known.final:
        return ("merged",) if lead.merged_into else ()
    level = stale_level(lead, workflow, as_of).level
    found = {
        "stale": level == "stale",
        "at_risk": level == "at_risk",
        "over_expected": _over_expected(lead, known, as_of),
        "records_open": readiness(lead, workflow).records_open,
        "blocked": bool(lead.blockers),
        "unowned": lead.unowned,
        "handoff_waiting": handoff_waiting(lead),
        "unmapped": known is None,
        "irregular": lead.irregular_moves > 0,
        "decision_open": bool(lead.open_decisions),
    }
    return tuple(name for name, holds in found.items() if holds)


def _over_expected(lead: Lead, known: Status | None, as_of: datetime) -> bool:
    expected = known.expected_days if known is not None else None
    return expected is not None and as_of - lead.status_since > timedelta(days=expected)
