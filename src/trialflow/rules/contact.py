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
from trialflow.model.moments import utc
from trialflow.rules.readiness import blocker_item, next_milestone, readiness
from trialflow.rules.workflow import Workflow

__all__ = [
    "DO_NOT_CONTACT",
    "PURPOSES",
    "Allow",
    "Deny",
    "asked_for_none",
    "family",
    "may_contact",
    "permission_for",
    "proven",
]

PURPOSES = ("recruitment", "visit", "safety")
"""What a contact may be for. Anything else is denied."""

DO_NOT_CONTACT = "do_not_contact"
"""The family of close reasons by which a person asked for no contact."""


@attrs.frozen
class Allow:
    """Contact is allowed."""

    @property
    def allowed(self) -> bool:
        """Yes."""
        return True

    @property
    def codes(self) -> tuple[str, ...]:
        """Nothing stands in the way."""
        return ()


@attrs.frozen
class Deny:
    """Contact is not allowed; every reason is named by its code."""

    codes: tuple[str, ...]

    @property
    def allowed(self) -> bool:
        """No."""
        return False


def permission_for(lead: Lead, channel: str, purpose: str, at: datetime | None = None) -> Permission | None:
    """The permission that stands for this channel and purpose: the latest; of two at one instant the refusal.

    With ``at``, what was allowed later than that does not count yet; what was forbidden counts from the start.
    """
    fitting = [
        p
        for p in lead.permissions
        if p.channel in (channel, "*") and p.purpose in (purpose, "*") and (at is None or not p.allowed or p.at <= at)
    ]
    return max(fitting, key=_strength, default=None)


def _strength(permission: Permission) -> tuple[datetime, bool, bool]:
    return permission.at, not permission.allowed, proven(permission)


def proven(permission: Permission) -> bool:
    """Whether a permission names what proves it."""
    return bool(permission.evidence_ref or permission.text_version)


def may_contact(
    lead: Lead,
    workflow: Workflow,
    channel: str,
    at: datetime,
    *,
    purpose: str = "recruitment",
    zone: str | None = None,
    about: str = "",
) -> Allow | Deny:
    """Whether ``lead`` may be contacted at ``at``, an aware datetime. ``zone`` is the person's IANA zone; unknown means
    Deny. ``about`` names the blocker or readiness item that this contact is to settle (agreeing on dates settles
    ``availability``). Open items deny recruitment alone: a planned visit or a person's safety does not wait for
    them."""
    at = utc(at)
    codes = [
        *_standing(lead, workflow, about),
        *_permitted(lead, workflow, channel, purpose, at),
        *_hours(workflow, at, zone),
    ]
    if purpose == "recruitment":
        codes += [*_unsettled(lead, workflow, about), *_attempts(lead, workflow, at)]
    return Deny(tuple(codes)) if codes else Allow()


def _standing(lead: Lead, workflow: Workflow, about: str) -> list[str]:
    found = {
        "erased": lead.erased_at is not None,
        "merged": bool(lead.merged_into),
        "closed": workflow.is_final(lead.status),
        "blocker_open": any(about not in (b.kind, blocker_item(workflow, b.kind)) for b in lead.blockers),
    }
    return [code for code, holds in found.items() if holds]


def _unsettled(lead: Lead, workflow: Workflow, about: str) -> list[str]:
    """What the next milestone still waits for makes outreach premature, unless the contact is about that."""
    waiting = readiness(lead, workflow, milestone=next_milestone(lead, workflow)).open
    settled = (about, blocker_item(workflow, about))
    return ["item_open"] if any(item.item not in settled for item in waiting) else []


def asked_for_none(lead: Lead, workflow: Workflow) -> datetime | None:
    """When the person last asked for no contact by a closing, or None. A reopening does not take it back."""
    stays = [stay.since for stay in lead.trail if family(workflow, stay.reason) == DO_NOT_CONTACT]
    if family(workflow, lead.close_reason) == DO_NOT_CONTACT:
        stays.append(lead.status_since)
    return max(stays, default=None)


def family(workflow: Workflow, reason: str) -> str:
    """The family of a close reason; a reason the workflow does not know is its own."""
    known = workflow.reason(reason)
    return known.family if known is not None else reason


def _permitted(lead: Lead, workflow: Workflow, channel: str, purpose: str, at: datetime) -> list[str]:
    codes = []
    if channel not in workflow.contact.channels:
        codes.append("channel_unknown")
    if purpose not in PURPOSES:
        codes.append("purpose_unknown")
    standing = permission_for(lead, channel, purpose, at)
    if standing is not None and not standing.allowed:
        codes.append("opted_out")
    evidence = standing is not None and standing.allowed and proven(standing)
    asked = asked_for_none(lead, workflow)
    if asked is not None and not (evidence and standing is not None and standing.at > asked):
        codes.append("do_not_contact")
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
