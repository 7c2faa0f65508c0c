"""Walk any workflow: the shortest ways, each step asked for, refused, mended as the refusals say, and made."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import attrs

from trialflow import Actor, Lead, Refused, Source, Workflow
from trialflow.model.evolve import evolve
from trialflow.rules import decide
from trialflow.rules.guards import GUARDS, Guard
from trialflow.rules.workflow import Move

__all__ = ["START", "Walker", "edges", "shortest_paths"]

START = datetime(2026, 3, 2, 15, tzinfo=UTC)


def edges(workflow: Workflow) -> Iterator[tuple[str, Move]]:
    """Every (status, move out of it)."""
    for status in workflow.statuses:
        for move in workflow.moves_from(status.code):
            yield status.code, move


def shortest_paths(workflow: Workflow) -> dict[str, list[tuple[Move, ...]]]:
    """All shortest ways from the initial status to each status, as moves."""
    found: dict[str, list[tuple[Move, ...]]] = {workflow.initial: [()]}
    edge = [workflow.initial]
    while edge:
        level: dict[str, list[tuple[Move, ...]]] = {}
        for code in edge:
            for move in workflow.moves_from(code):
                if move.to not in found and not move.restores:
                    level.setdefault(move.to, []).extend((*path, move) for path in found[code])
        found |= level
        edge = list(level)
    return found


@attrs.define(slots=False)
class Walker:
    """One lead on its way, with everybody and everything that refusals may ask for."""

    workflow: Workflow
    guards: Mapping[str, Guard] = GUARDS
    lead: Lead = attrs.field(factory=lambda: Lead(id="walker", source=Source(id="s"), received_at=START))
    at: datetime = START + timedelta(hours=1)

    def __attrs_post_init__(self) -> None:
        roles = [role for role in self.workflow.roles if "*" in role.may or "move" in role.may]
        self._by = Actor(id="kim", role=roles[0].code)
        self._decider = next((Actor(id="dr", role=r.code) for r in roles if r.decider), self._by)
        self._all = next((Actor(id="all", role=r.code) for r in roles if "*" in r.may), self._by)
        self.lead = attrs.evolve(self.lead, status=self.workflow.initial)

    def go(self, move: Move) -> Lead:
        """Make the move: ask, mend exactly what every refusal names, ask again; the second time it must go through."""
        asked: dict[str, Any] = {"by": self._by}
        try:
            return self._make(move, asked)
        except Refused as refused:
            for refusal in refused.refusals:
                self._mend(refusal.code, move, asked)
            return self._make(move, asked)

    def _make(self, move: Move, asked: dict[str, Any]) -> Lead:
        events = decide.move(self.workflow, self.lead, move.name, at=self.at, guards=self.guards, **asked)
        self._take(events)
        return self.lead

    def _take(self, events: tuple[Any, ...]) -> None:
        for event in events:
            made = evolve(self.lead, event)
            assert made is not None
            self.lead = made
        self.at += timedelta(hours=1)

    def _mend(self, code: str, move: Move, asked: dict[str, Any]) -> None:
        mended: Mapping[str, Callable[[], object]] = {
            "owner_missing": lambda: self._do(decide.assign, "kim"),
            "contact_missing": lambda: self._do(decide.contact, outcome="reached"),
            "prescreen_open": lambda: self._do(decide.prescreen, "completed"),
            "visit_missing": lambda: self._do(decide.visit, "scheduled", visit_at=self.at + timedelta(days=1)),
            "visit_not_due": self._wait_for_visit,
            "reason_missing": lambda: asked.update(reason=self._reason(move)),
            "authority_missing": lambda: asked.update(authority_ref="log-1"),
            "acme_no_slot": lambda: asked.update(authority_ref="slot-1"),
            "decider_required": lambda: asked.update(by=self._decider),
        }
        mended[code]()

    def _do(self, command: Callable[..., tuple[Any, ...]], *args: Any, **values: Any) -> None:
        self._take(command(self.workflow, self.lead, *args, at=self.at, by=self._all, **values))

    def _wait_for_visit(self) -> None:
        if self.lead.visit is None:
            self._do(decide.visit, "scheduled", visit_at=self.at + timedelta(days=1))
        assert self.lead.visit is not None
        assert self.lead.visit.at is not None
        self.at = max(self.at, self.lead.visit.at)

    def _reason(self, move: Move) -> str:
        return (move.reasons or tuple(reason.code for reason in self.workflow.close_reasons))[0]

    def refusal_codes(self, target: str) -> set[str]:
        """Why the lead may not move to ``target`` even by somebody who may do everything, on every authority."""
        try:
            decide.move(
                self.workflow, self.lead, target, at=self.at, by=self._decider, authority_ref="log-1",
                reason=next((r.code for r in self.workflow.close_reasons), ""), guards=self.guards,
            )  # fmt: skip
        except Refused as refused:
            return {refusal.code for refusal in refused.refusals}
        return set()
