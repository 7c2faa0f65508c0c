"""A workflow as a value: statuses, moves, readiness, blockers, reasons, buckets, actions, promises, site.

The same value is loaded from TOML (:mod:`trialflow.rules.loading`) or written in Python. No expressions: conditions
are named guards and a closed set of typed predicates.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cached_property
from typing import Literal

import attrs

__all__ = [
    "ActionRule",
    "ActionWhen",
    "BlockerKind",
    "BucketRule",
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
    "Workflow",
]

Clock = Literal["working", "elapsed"]
Category = Literal["new", "working", "waiting", "decision", "positive_end", "negative_end"]


@attrs.frozen(kw_only=True)
class Span:
    """A length of time on a clock: working days and hours of the site, or elapsed ones."""

    amount: int
    unit: Literal["hours", "days"]
    clock: Clock = "elapsed"


@attrs.frozen(kw_only=True)
class Status:
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
    name: str
    from_: tuple[str, ...]
    to: str
    requires: tuple[str, ...] = ()
    restores: bool = False
    opens_episode: bool = False


@attrs.frozen(kw_only=True)
class Item:
    code: str
    label: str
    gates: str = "scheduled"
    default: str = "unknown"
    ask_after: Span | None = None


@attrs.frozen(kw_only=True)
class BlockerKind:
    code: str
    label: str
    action: str
    item: str | None = None
    cleared_by: tuple[str, ...] = ()
    escalates_to: str = ""
    escalate_after: Span | None = None
    gates: str | None = None


@attrs.frozen(kw_only=True)
class CloseReason:
    code: str
    label: str
    family: str
    waits: bool = False


@attrs.frozen(kw_only=True)
class ContactPolicy:
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
    movement: tuple[str, ...]
    at_risk_percent: int = 70
    default_after: Span | None = None
    snooze: bool = True


@attrs.frozen(kw_only=True)
class Sla:
    code: str
    label: str
    starts: str
    stops: tuple[str, ...]
    within: Span
    applies: tuple[str, ...] = ()


@attrs.frozen(kw_only=True)
class When:
    statuses: tuple[str, ...] = ()
    final: bool | None = None
    stale: bool | None = None
    known: bool | None = None
    open: Literal["records", "other", "none"] | None = None


@attrs.frozen(kw_only=True)
class BucketRule:
    code: str
    label: str
    when: When


@attrs.frozen(kw_only=True)
class ActionWhen:
    buckets: tuple[str, ...] = ()
    statuses: tuple[str, ...] = ()
    blockers: tuple[str, ...] = ()
    items: tuple[str, ...] = ()
    situations: tuple[str, ...] = ()


@attrs.frozen(kw_only=True)
class ActionRule:
    code: str
    label: str
    sponsor_label: str
    when: ActionWhen
    due: Span
    anchor: str
    role: str


@attrs.frozen(kw_only=True)
class Site:
    zone: str = "America/Chicago"
    working_days: tuple[str, ...] = ("mon", "tue", "wed", "thu", "fri")
    opens: str = "09:00"
    closes: str = "17:00"
    holidays: tuple[date, ...] = ()


@attrs.frozen(kw_only=True)
class Role:
    code: str
    label: str
    may: tuple[str, ...] = ()
    decider: bool = False


@attrs.frozen(kw_only=True, slots=False, eq=False)
class Workflow:
    name: str
    version: int
    statuses: tuple[Status, ...]
    moves: tuple[Move, ...]
    staleness: Staleness
    buckets: tuple[BucketRule, ...]
    items: tuple[Item, ...] = ()
    blockers: tuple[BlockerKind, ...] = ()
    close_reasons: tuple[CloseReason, ...] = ()
    shown: tuple[str, ...] = ()
    actions: tuple[ActionRule, ...] = ()
    slas: tuple[Sla, ...] = ()
    contact: ContactPolicy = ContactPolicy()
    site: Site = Site()
    roles: tuple[Role, ...] = ()
    renamed: Mapping[str, str] = attrs.field(factory=dict)
    wording: Mapping[str, str] = attrs.field(factory=dict)

    @property
    def id(self) -> str:
        """``name@version``, as recorded in events."""
        return self._index.id

    @property
    def initial(self) -> str:
        """The status a new lead starts in."""
        return self._index.initial

    def current(self, code: str) -> str:
        """The code under which this workflow knows a status: ``renamed`` carries a stored one over to its successor.

        The one place where a renamed status is looked up; an unknown one stays as it is.
        """
        return self._index.successors.get(code, code)

    def status(self, code: str) -> Status | None:
        """The status of this code or its successor, or None."""
        return self._index.statuses.get(code)

    def move(self, name: str) -> Move | None:
        """The move of this name, or None."""
        return self._index.moves.get(name)

    def moves_from(self, code: str) -> tuple[Move, ...]:
        """The moves that leave a status, in the order of the definition."""
        return self._index.leaving.get(code, ())

    def find(self, code: str, wanted: str) -> Move | None:
        """The move out of status ``code`` of the name ``wanted``, else the first one to the status ``wanted``."""
        return self._index.ways.get((code, wanted))

    def is_final(self, code: str) -> bool:
        """Whether a status ends the work; False for one the workflow does not know."""
        known = self._index.statuses.get(code)
        return known is not None and known.final

    def item(self, code: str) -> Item | None:
        """The readiness item of this code, or None."""
        return self._index.items.get(code)

    def blocker(self, code: str) -> BlockerKind | None:
        """The blocker kind of this code, or None."""
        return self._index.blockers.get(code)

    def reason(self, code: str) -> CloseReason | None:
        """The close reason of this code, or None."""
        return self._index.reasons.get(code)

    def action(self, code: str) -> ActionRule | None:
        """The first action rule of this code, or None."""
        return self._index.actions.get(code)

    def role(self, code: str) -> Role | None:
        """The role of this code, or None."""
        return self._index.roles.get(code)

    def bucket_label(self, code: str) -> str:
        """What the dashboard calls a bucket."""
        return self._index.buckets.get(code, code.replace("_", " "))

    def status_label(self, code: str) -> str:
        """What the dashboard calls a status; an unknown one by its code."""
        known = self._index.statuses.get(code)
        return known.label if known is not None else code

    @cached_property
    def _index(self) -> _Index:
        return _index(self)


@attrs.frozen
class _Index:
    id: str
    initial: str
    successors: dict[str, str]
    statuses: dict[str, Status]
    moves: dict[str, Move]
    leaving: dict[str, tuple[Move, ...]]
    ways: dict[tuple[str, str], Move]
    items: dict[str, Item]
    blockers: dict[str, BlockerKind]
    reasons: dict[str, CloseReason]
    actions: dict[str, ActionRule]
    roles: dict[str, Role]
    buckets: dict[str, str]


def _index(workflow: Workflow) -> _Index:
    codes = {s.code: s for s in workflow.statuses}
    successors = {old: new for old, new in workflow.renamed.items() if old not in codes and new in codes}
    codes |= {old: codes[new] for old, new in successors.items()}
    leaving = {code: tuple(m for m in workflow.moves if _leaves(m, status)) for code, status in codes.items()}
    by_target = {(code, m.to): m for code, moves in leaving.items() for m in reversed(moves)}
    by_name = {(code, m.name): m for code, moves in leaving.items() for m in moves}
    return _Index(
        id=f"{workflow.name}@{workflow.version}",
        initial=next((s.code for s in workflow.statuses if s.initial), "new"),
        successors=successors,
        statuses=codes,
        moves={m.name: m for m in workflow.moves},
        leaving=leaving,
        ways=by_target | by_name,
        items={i.code: i for i in workflow.items},
        blockers={b.code: b for b in workflow.blockers},
        reasons={r.code: r for r in workflow.close_reasons},
        actions={a.code: a for a in reversed(workflow.actions)},
        roles={r.code: r for r in workflow.roles},
        buckets={b.code: b.label for b in workflow.buckets},
    )


def _leaves(move: Move, status: Status) -> bool:
    if move.to == status.code:
        return False
    return status.code in move.from_ or ("*" in move.from_ and not status.final)
