"""A workflow as a value: statuses, moves, readiness, blockers, reasons, buckets, actions, promises, site.

The same value is loaded from TOML (:mod:`trialflow.rules.loading`) or written in Python. No expressions: conditions
are named guards and a closed set of typed predicates. docs/workflow.md explains every key.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

import attrs

from trialflow.model.lead import Lead
from trialflow.rules.parts import (
    ActionRule,
    ActionWhen,
    BlockerKind,
    BucketRule,
    Category,
    Clock,
    CloseReason,
    ContactPolicy,
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
    "Workflow",
    "code_of",
    "keyed",
]


def code_of(row: Any) -> str:
    """What a row is called: its code, and a move its name."""
    return str(row.name if isinstance(row, Move) else row.code)


def keyed(rows: tuple[Any, ...]) -> dict[str, Any]:
    """Rows by the name that paths give them: their code, and ``code#2`` for the second rule of one code."""
    found: dict[str, Any] = {}
    for row in rows:
        code = code_of(row)
        key, n = code, 2
        while key in found:
            key, n = f"{code}#{n}", n + 1
        found[key] = row
    return found


def _copied(texts: Mapping[str, str]) -> Mapping[str, str]:
    return dict(texts)


@attrs.frozen(kw_only=True, slots=False, eq=False)
class Workflow:
    """A complete definition, equal to itself alone. ``shown`` is the order of the buckets on the dashboard.

    ``renamed``: statuses of earlier versions and their successors; stored leads are carried over. ``wording``: other
    words for labels, by path (``statuses.new.label``, ``actions.request_records.sponsor_label``); they replace the
    labels when the value is made, so that every reader of a label sees them.
    """

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
    contact: ContactPolicy = attrs.field(factory=ContactPolicy)
    site: Site = attrs.field(factory=Site)
    roles: tuple[Role, ...] = ()
    renamed: Mapping[str, str] = attrs.field(factory=dict, converter=_copied)
    wording: Mapping[str, str] = attrs.field(factory=dict, converter=_copied)

    def __attrs_post_init__(self) -> None:
        for table in {path.partition(".")[0] for path in self.wording}:
            rows = getattr(self, table, None)
            if isinstance(rows, tuple):
                object.__setattr__(self, table, tuple(_reworded(table, row, self.wording) for row in rows))

    @property
    def id(self) -> str:
        """``name@version``, as recorded in events."""
        return self._index.id

    @property
    def initial(self) -> str:
        """The status a new lead starts in."""
        return self._index.initial

    @property
    def successors(self) -> Mapping[str, str]:
        """Stored statuses that ``renamed`` carries over, each with the status it is now."""
        return self._index.successors

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

    def is_final(self, code: str) -> bool:
        """Whether a status ends the work; False for one the workflow does not know."""
        known = self._index.statuses.get(code)
        return known is not None and known.final

    def is_open(self, lead: Lead) -> bool:
        """Whether there is work on a lead: it neither ended nor was merged into another."""
        return not lead.merged_into and not self.is_final(lead.status)

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
    return _Index(
        id=f"{workflow.name}@{workflow.version}",
        initial=next((s.code for s in workflow.statuses if s.initial), "new"),
        successors=successors,
        statuses=codes,
        moves={m.name: m for m in workflow.moves},
        leaving=leaving,
        items={i.code: i for i in workflow.items},
        blockers={b.code: b for b in workflow.blockers},
        reasons={r.code: r for r in workflow.close_reasons},
        actions={a.code: a for a in reversed(workflow.actions)},
        roles={r.code: r for r in workflow.roles},
        buckets={b.code: b.label for b in workflow.buckets},
    )


def _reworded(table: str, row: Any, wording: Mapping[str, str]) -> Any:
    code = getattr(row, "code", "")
    said = {name: wording.get(f"{table}.{code}.{name}") for name in ("label", "sponsor_label") if hasattr(row, name)}
    new = {name: text for name, text in said.items() if text is not None}
    return attrs.evolve(row, **new) if new else row


def _leaves(move: Move, status: Status) -> bool:
    if move.to == status.code:
        return False
    return status.code in move.from_ or ("*" in move.from_ and not status.final)
