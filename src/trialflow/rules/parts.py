"""The parts of a workflow, as frozen values: what each key of a definition means. :mod:`trialflow.rules.workflow` joins
them. Codes are short lower-case names; labels are what people read.
"""

from __future__ import annotations

from datetime import date
from typing import Literal

import attrs

__all__ = [
    "ActionRule",
    "ActionWhen",
    "BlockerKind",
    "BucketRule",
    "Category",
    "Clock",
    "CloseReason",
    "ContactPolicy",
    "Item",
    "Move",
    "Role",
    "Site",
    "Sla",
    "Span",
    "Staleness",
    "Status",
    "When",
]

Clock = Literal["working", "elapsed"]
Category = Literal["new", "working", "waiting", "decision", "positive_end", "negative_end"]


@attrs.frozen(kw_only=True, cache_hash=True)
class Span:
    """A length of time: ``amount`` of ``unit``, counted on a ``clock``: ``working`` counts the site's working days, or
    its hours between opening and closing; ``elapsed`` counts days of 24 hours. In TOML: ``"2 working days"``."""

    amount: int
    unit: Literal["hours", "days"]
    clock: Clock = "elapsed"


@attrs.frozen(kw_only=True)
class Status:
    """Where a lead can stand; one at a time.

    ``category``: what it means to a machine, whatever it is called; the two ends are the final ones. ``initial``: a new
    lead starts here (exactly one status). ``final``: the work ends here. ``decides`` ``study_team``: only a person in
    a deciding role enters it, on a named authority. ``reason_required``: entering it needs a close reason.
    ``expected_days``: elapsed days a lead usually spends here; longer raises the flag ``over_expected``. ``reaches``:
    the milestones that being here proves. ``stale_after``: how long without movement is too long here.
    """

    code: str
    label: str
    category: Category = "working"
    initial: bool = False
    final: bool = False
    decides: Literal["nobody", "study_team"] = "nobody"
    reason_required: bool = False
    expected_days: int | None = None
    reaches: tuple[str, ...] = ()
    stale_after: Span | None = None


@attrs.frozen(kw_only=True)
class Move:
    """A way between statuses.

    ``from_`` (``from`` in TOML): the statuses it leaves, ``*`` for every one that is not final. ``requires``: guards,
    all of which must agree. ``reasons``: the close reasons it takes, empty for all. ``restores``: reopening; the lead
    returns to the last open status of its history, and to ``to`` when there is none. ``opens_episode``: re-screening;
    the next episode of the same lead begins. Only such moves leave a final status.
    """

    name: str
    from_: tuple[str, ...]
    to: str
    requires: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    restores: bool = False
    opens_episode: bool = False


@attrs.frozen(kw_only=True)
class Item:
    """One thing that a milestone requires (medical records, staff for the visit). ``gates``: the status it holds back
    while it is needed, requested or received; the guard ``ready`` of a move to that status asks for it."""

    code: str
    label: str
    gates: str = "scheduled"


@attrs.frozen(kw_only=True)
class BlockerKind:
    """A named reason why progress cannot continue.

    ``action``: the next action while it stands. ``item``: the readiness item it is about. ``cleared_by``: the roles
    that may clear it, empty for all that may unblock. ``escalates_to``: the role whose turn the action becomes once
    the blocker has stood for ``escalate_after``.
    """

    code: str
    label: str
    action: str
    item: str | None = None
    cleared_by: tuple[str, ...] = ()
    escalates_to: str = ""
    escalate_after: Span | None = None


@attrs.frozen(kw_only=True)
class CloseReason:
    """Why a lead ended. ``family``: its meaning in figures and rules, whatever the code; one of the known families
    (``no_response`` counts as no response, ``do_not_contact`` denies every contact)."""

    code: str
    label: str
    family: str = "other"


@attrs.frozen(kw_only=True)
class ContactPolicy:
    """When a person may be contacted.

    ``max_attempts`` without an answer, then ``wait_days`` (elapsed days) of rest. At most ``per_window`` attempts in
    ``window_days``; at least ``min_gap_hours`` between two. No contact from ``quiet_from`` to ``quiet_until``, local
    time of the person. ``channels`` in use; those of ``consent_required`` need recorded consent first.
    """

    max_attempts: int = 3
    wait_days: int = 14
    window_days: int = 30
    per_window: int = 6
    min_gap_hours: int = 4
    quiet_from: str = "20:00"
    quiet_until: str = "09:00"
    channels: tuple[str, ...] = ("phone", "email", "text", "letter")
    consent_required: tuple[str, ...] = ("text",)


@attrs.frozen(kw_only=True)
class Staleness:
    """What counts as movement, and when its absence is too long.

    ``movement``: the event kinds that count. ``at_risk_percent``: the share of the way to stale at which a lead is at
    risk (1 to 100). ``default_after``: for statuses without their own ``stale_after``. ``snooze``: whether a planned
    action or a visit still to come pauses staleness.
    """

    movement: tuple[str, ...]
    at_risk_percent: int = 70
    default_after: Span | None = None
    snooze: bool = True


@attrs.frozen(kw_only=True)
class Sla:
    """A promise with a deadline: from the trigger ``starts`` until the first of the triggers ``stops``, ``within`` a
    span. Triggers are explained in :mod:`trialflow.rules.slas`."""

    code: str
    label: str
    starts: str
    stops: tuple[str, ...]
    within: Span


@attrs.frozen(kw_only=True)
class When:
    """The conditions of a bucket; all that are given must hold.

    ``statuses``: one of these. ``final``, ``stale``, ``known`` (to the workflow): yes or no. ``open``: what stands
    before the next milestone: ``records``, something ``other``, or ``none``.
    """

    statuses: tuple[str, ...] = ()
    final: bool | None = None
    stale: bool | None = None
    known: bool | None = None
    open: Literal["records", "other", "none"] | None = None


@attrs.frozen(kw_only=True)
class BucketRule:
    """A pile on the desk. Rules are asked in order, the first whose conditions (``when``) hold takes the lead; a code
    may have several."""

    code: str
    label: str
    when: When


@attrs.frozen(kw_only=True)
class ActionWhen:
    """The conditions of an action; all that are given must hold, each by any of its values.

    ``buckets``, ``statuses``: the lead lies in one of them. ``blocked``: a blocker stands whose kind names this action
    (false: none stands at all). ``blockers``: one of these kinds stands. ``items``: an item is open (``records``) or in
    a state (``records:requested``). ``situations``: what the moment brings, such as ``unowned`` or ``visit_soon``.
    """

    buckets: tuple[str, ...] = ()
    statuses: tuple[str, ...] = ()
    blocked: bool | None = None
    blockers: tuple[str, ...] = ()
    items: tuple[str, ...] = ()
    situations: tuple[str, ...] = ()


@attrs.frozen(kw_only=True)
class ActionRule:
    """What to do next. Rules are asked in order, the first whose conditions (``when``) hold is the next action; a code
    may have several.

    ``sponsor_label``: what a sponsor reads. ``due``: the span after ``anchor``, the moment it counts from. ``role``:
    whose turn it is. The code ``none`` stands for: nothing is to be done.
    """

    code: str
    label: str
    sponsor_label: str
    when: ActionWhen
    due: Span
    anchor: str
    role: str


@attrs.frozen(kw_only=True)
class Site:
    """Where and when the site works: its IANA ``zone``, the ``working_days`` (``mon`` to ``sun``), the local hours
    between ``opens`` and ``closes`` (``HH:MM``), and ``holidays``."""

    zone: str = "America/Chicago"
    working_days: tuple[str, ...] = ("mon", "tue", "wed", "thu", "fri")
    opens: str = "09:00"
    closes: str = "17:00"
    holidays: tuple[date, ...] = ()


@attrs.frozen(kw_only=True)
class Role:
    """Who acts. ``may``: the commands it may give, ``*`` for all. ``decider``: may record what a study team decided."""

    code: str
    label: str
    may: tuple[str, ...] = ()
    decider: bool = False
