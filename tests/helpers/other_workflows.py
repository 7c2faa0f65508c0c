"""Two workflows that are not the shipped one: a call list of three statuses, a study of two visits in its own words."""

from __future__ import annotations

from trialflow import Refusal, Workflow
from trialflow.rules.guards import Attempt
from trialflow.rules.parts import (
    ActionRule,
    ActionWhen,
    BlockerKind,
    BucketRule,
    CloseReason,
    Item,
    Move,
    Role,
    Site,
    Sla,
    Span,
    Staleness,
    Status,
    When,
)

__all__ = ["CALL_LIST", "TWO_VISITS", "capacity"]

CALL_LIST = """
name = "call-list"
version = 1

[statuses]
open = { label = "To call", category = "new", initial = true, reaches = ["received"], stale_after = "2 working days" }
booked = { label = "Visit booked", category = "waiting", reaches = ["scheduled"], stale_after = "10 days" }
done = { label = "Done", category = "negative_end", final = true, reason_required = true }

[moves]
book = { from = ["open"], to = "booked", requires = ["owner", "visit"] }
finish = { from = ["*"], to = "done", requires = ["reason"] }
take_up_again = { from = ["done"], to = "open", restores = true }

[close_reasons]
came = { label = "Came to the visit" }
no_answer = { label = "No response", family = "no_response" }

[staleness]
movement = ["received", "moved", "contact_attempted", "visit_set"]

[[buckets]]
code = "finished"
label = "Finished"
when = { final = true }

[[buckets]]
code = "stale"
label = "Stale"
when = { stale = true }

[[buckets]]
code = "to_call"
label = "To call"
when = { statuses = ["open"] }

[[buckets]]
code = "booked"
label = "Booked"
when = { statuses = ["booked"] }

[shown]
buckets = ["to_call", "booked", "stale", "finished", "unmapped"]

[[actions]]
code = "call"
label = "Call"
sponsor_label = "Contact new inquiries"
when = {}
due = "1 working day"
anchor = "last_movement"
role = "coordinator"

[roles]
coordinator = { label = "Caller", may = ["*"] }
"""
"""As TOML: the fewest statuses, no study team, no items, no blockers."""


def capacity(attempt: Attempt) -> Refusal | None:
    """A host's guard: nobody is booked without a reference of the booking system."""
    return None if attempt.authority_ref else Refusal("acme_no_slot", "no slot is reserved", "give its reference")


def _span(days: int) -> Span:
    return Span(amount=days, unit="days", clock="working")


def _action(code: str, when: ActionWhen, anchor: str = "status_since") -> ActionRule:
    words = code.replace("_", " ").capitalize()
    return ActionRule(code=code, label=words, sponsor_label=words, when=when, due=_span(1), anchor=anchor, role="nurse")


TWO_VISITS = Workflow(
    name="two-visits",
    version=7,
    statuses=(
        Status(code="referred", label="Zugewiesen", category="new", initial=True, reaches=("received",)),
        Status(code="phone-1", label="First call", expected_days=3),
        Status(code="phone-2", label="Second call", stale_after=Span(amount=36, unit="hours")),
        Status(code="lab", label="Lab visit", category="waiting", reaches=("contacted", "scheduled")),
        Status(code="mri", label="MRI visit", category="waiting", reaches=("contacted", "scheduled")),
        Status(code="team", label="Study team has it", category="decision", decides="study_team"),
        Status(code="in", label="Study team: part one", category="positive_end", final=True, decides="study_team"),
        Status(code="out", label="Study team: ended", category="negative_end", final=True, decides="study_team"),
        Status(code="parked", label="Parked", category="waiting"),
        Status(code="ended", label="Ended", category="negative_end", final=True, reason_required=True),
    ),
    moves=(
        Move(name="ring", from_=("referred", "parked"), to="phone-1", requires=("owner",)),
        Move(name="ring-again", from_=("phone-1",), to="phone-2", requires=("contacted",)),
        Move(name="to-lab", from_=("phone-1", "phone-2", "mri"), to="lab", requires=("ready", "acme:capacity")),
        Move(name="to-mri", from_=("lab", "phone-2"), to="mri", requires=("visit", "unblocked")),
        Move(name="hand-over", from_=("lab", "mri"), to="team", requires=("authority", "visit_time_passed")),
        Move(name="record-in", from_=("team",), to="in", requires=("authority",)),
        Move(name="record-out", from_=("team",), to="out", requires=("authority",)),
        Move(name="park", from_=("*",), to="parked"),
        Move(name="end", from_=("referred", "phone-1", "phone-2", "parked"), to="ended", reasons=("declined", "moved")),
        Move(name="once-more", from_=("out",), to="referred", opens_episode=True),
        Move(name="undo", from_=("ended",), to="phone-1", restores=True),
    ),
    staleness=Staleness(movement=("moved", "item_set"), default_after=Span(amount=20, unit="days"), at_risk_percent=50),
    items=(Item(code="papers", label="Papers", gates="lab"), Item(code="ride", label="Ride", gates="mri")),
    blockers=(
        BlockerKind(
            code="scanner", label="Scanner is down", action="find_scanner", item="ride",
            escalates_to="chief", escalate_after=Span(amount=48, unit="hours"),
        ),
        BlockerKind(code="translation", label="No translation yet", action="get_translation"),
    ),
    close_reasons=(
        CloseReason(code="declined", label="Person declined", family="declined"),
        CloseReason(code="moved", label="Moved away", family="logistics"),
        CloseReason(code="unused", label="Anything else"),
    ),
    buckets=(
        BucketRule(code="over", label="Over", when=When(final=True)),
        BucketRule(code="asleep", label="Asleep", when=When(stale=True)),
        BucketRule(code="visits", label="Visits", when=When(statuses=("lab", "mri"))),
        BucketRule(code="desk", label="Desk", when=When(known=True)),
        BucketRule(code="strange", label="Not known", when=When(known=False)),
    ),
    shown=("desk", "visits", "asleep", "strange", "over", "unmapped"),
    actions=(
        _action("find_scanner", ActionWhen(blocked=True), "blocked_since"),
        _action("get_translation", ActionWhen(blockers=("translation",), statuses=("phone-1",)), "blocked_since"),
        _action("fetch_papers", ActionWhen(blocked=False, items=("papers",))),
        _action("look", ActionWhen()),
    ),
    slas=(
        Sla(code="ring", label="Ring", starts="received", stops=("moved:phone-1",), within=_span(1)),
    ),
    roles=(
        Role(code="nurse", label="Nurse", may=("move", "assign", "contact", "item", "block", "unblock", "visit")),
        Role(code="chief", label="Chief", may=("*",), decider=True),
    ),
    site=Site(zone="Asia/Kathmandu", working_days=("sun", "mon", "tue", "wed", "thu"), opens="10:30", closes="16:45"),
    renamed={"old-phone": "phone-1"},
)  # fmt: skip
"""As Python values: other words, two loops, a host's guard, hyphens, another week, an odd offset, no `closed`."""
