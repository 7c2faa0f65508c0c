"""May we contact this person now, by this channel? A pure function that says why not. The library sends nothing.

Bases: 47 CFR 64.1200(c)(1) (no calls before 8 or after 21 local; the default window is narrower), (a)(10) (opt-out by
any reasonable means); see docs/concepts.md. Unknown zone, channel or purpose mean Deny.
"""

from __future__ import annotations

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import attrs

from trialflow.model.facts import Permission
from trialflow.model.lead import Lead
from trialflow.rules.workflow import Workflow

__all__ = ["PURPOSES", "Allow", "Deny", "may_contact", "permission_for"]

PURPOSES = ("recruitment", "visit", "safety")
"""What a contact may be for. Anything else is denied."""


@attrs.frozen
class Allow:
    """Contact is allowed."""

    @property
    def allowed(self) -> bool:
        return True

    @property
    def codes(self) -> tuple[str, ...]:
        return ()


@attrs.frozen
class Deny:
    """Contact is not allowed; every reason is named by its code."""

    codes: tuple[str, ...]

    @property
    def allowed(self) -> bool:
        return False


def permission_for(lead: Lead, channel: str, purpose: str) -> Permission | None:
    """The permission that stands for this channel and purpose: the latest; of two at one instant the refusal."""
    fitting = [p for p in lead.permissions if p.channel in (channel, "*") and p.purpose in (purpose, "*")]
    return max(fitting, key=lambda p: (p.at, not p.allowed), default=None)


def may_contact(
    lead: Lead,
    workflow: Workflow,
    channel: str,
    at: datetime,
    *,
    purpose: str = "recruitment",
    zone: str | None = None,
) -> Allow | Deny:
    """Whether ``lead`` may be contacted at ``at``. ``zone`` is the person's IANA zone; unknown means Deny."""
    codes = [*_standing(lead, workflow), *_permitted(lead, workflow, channel, purpose), *_hours(workflow, at, zone)]
    if purpose == "recruitment":
        codes += _attempts(lead, workflow, at)
    return Deny(tuple(codes)) if codes else Allow()


def _standing(lead: Lead, workflow: Workflow) -> list[str]:
    status = workflow.status(lead.status)
    found = {
        "erased": lead.erased_at is not None,
        "merged": bool(lead.merged_into),
        "closed": status is not None and status.final,
        "blocker_open": bool(lead.blockers),
        "do_not_contact": _family(workflow, lead.close_reason) == "do_not_contact",
    }
    return [code for code, holds in found.items() if holds]


def _family(workflow: Workflow, reason: str) -> str:
    known = workflow.reason(reason)
    return known.family if known is not None else reason


def _permitted(lead: Lead, workflow: Workflow, channel: str, purpose: str) -> list[str]:
    codes = []
    if channel not in workflow.contact.channels:
        codes.append("channel_unknown")
    if purpose not in PURPOSES:
        codes.append("purpose_unknown")
    standing = permission_for(lead, channel, purpose)
    if standing is not None and not standing.allowed:
        codes.append("opted_out")
    evidence = standing is not None and standing.allowed and bool(standing.evidence_ref or standing.text_version)
    if channel in workflow.contact.consent_required and not evidence:
        codes.append("consent_missing")
    return codes


def _hours(workflow: Workflow, at: datetime, zone: str | None) -> list[str]:
    if not zone:
        return ["zone_unknown"]
    try:
        local = at.astimezone(ZoneInfo(zone)).time()
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ["zone_unknown"]
    opens, closes = _time(workflow.contact.quiet_until), _time(workflow.contact.quiet_from)
    return [] if opens <= local < closes else ["quiet_hours"]


def _time(text: str) -> time:
    return time.fromisoformat(text)


def _attempts(lead: Lead, workflow: Workflow, at: datetime) -> list[str]:
    policy = workflow.contact
    codes = []
    window = at - timedelta(days=policy.window_days)
    if sum(max(1, c.count) for c in lead.contacts if window < c.at <= at) >= policy.per_window:
        codes.append("window_limit")
    last = lead.last_contact_at
    if last is not None and at - last < timedelta(hours=policy.min_gap_hours):
        codes.append("too_soon")
    reached = lead.first_reached_at is not None
    waiting = last is not None and at - last < timedelta(days=policy.wait_days)
    if not reached and lead.attempts >= policy.max_attempts and waiting:
        codes.append("attempt_limit")
    return codes
