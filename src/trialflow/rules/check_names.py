"""Checks of names: every code well formed and used once, every reference pointing at something that is defined."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from trialflow.model.errors import Problem
from trialflow.rules.buckets import UNMAPPED
from trialflow.rules.guards import Guard
from trialflow.rules.slas import STALE
from trialflow.rules.vocabulary import (
    ANCHORS,
    COMMANDS,
    EVENT_KINDS,
    FAMILIES,
    MILESTONES,
    SITUATIONS,
    STATES,
    WEEKDAYS,
    Speller,
)
from trialflow.rules.workflow import Workflow, code_of, keyed

__all__ = ["names", "references"]

_CODE = re.compile(r"[a-z0-9][a-z0-9_-]{0,59}")
_TABLES = ("statuses", "moves", "items", "blockers", "close_reasons", "slas", "roles", "buckets", "actions")


def names(workflow: Workflow) -> Iterator[Problem]:
    """Codes: short, lower case, without blanks, each once; names of moves that no status has."""
    for table in _TABLES:
        rows = keyed(getattr(workflow, table))
        for path, row in rows.items():
            code = code_of(row)
            yield from _well_formed(f"{table}.{path}", code)
            if path == code:
                continue
            if table in ("buckets", "actions"):
                yield from _same_words(table, path, row, rows[code])
            else:
                yield Problem(f"{table}.{path}", "duplicate_code", f"{code} is defined twice; rename or remove one")
    yield from _well_formed("name", workflow.name)
    for move in workflow.moves:
        if move.name in {s.code for s in workflow.statuses} - {move.to}:
            said = f"the move {move.name} leads to {move.to}, but a status is called {move.name}; rename the move"
            yield Problem(f"moves.{move.name}", "ambiguous_name", said)


def _well_formed(path: str, code: str) -> Iterator[Problem]:
    if not _CODE.fullmatch(code):
        said = f"{code!r} is no code; use lower-case letters, digits, _ and -, a letter or digit first, 60 at most"
        yield Problem(path, "bad_code", said)


def _same_words(table: str, path: str, row: object, first: object) -> Iterator[Problem]:
    for name in ("label", "sponsor_label"):
        word, other = getattr(row, name, ""), getattr(first, name, "")
        if word != other:
            said = f"one code has one label: {other!r} before, {word!r} here; use the same, or another code"
            yield Problem(f"{table}.{path}.{name}", "duplicate_code", said)


def references(workflow: Workflow, guards: Mapping[str, Guard], speller: Speller) -> Iterator[Problem]:
    """Every name that points somewhere."""
    for path, kind, word, known in _references(workflow, guards):
        if word not in known:
            yield Problem(
                path, f"unknown_{kind}", f"there is no {_SAID.get(kind, kind)} {word!r}{speller.hint(word, known)}"
            )
    for code, sla in keyed(workflow.slas).items():
        yield from _trigger(workflow, speller, f"slas.{code}.starts", sla.starts, start=True)
        for trigger in sla.stops:
            yield from _trigger(workflow, speller, f"slas.{code}.stops", trigger, start=False)
    yield from _renamed(workflow, speller)
    yield from _wording(workflow, speller)


_SAID = {
    "reason": "close reason",
    "blocker": "blocker kind",
    "event": "event kind",
    "item": "readiness item",
    "state": "item state",
    "family": "family of close reasons",
}

_Reference = tuple[str, str, str, tuple[str, ...]]


def _each(path: str, kind: str, words: Iterable[str], known: tuple[str, ...]) -> Iterator[_Reference]:
    yield from ((path, kind, word, known) for word in words)


def _references(w: Workflow, guards: Mapping[str, Guard]) -> Iterator[_Reference]:
    statuses = tuple(s.code for s in w.statuses)
    items, reasons = tuple(i.code for i in w.items), tuple(r.code for r in w.close_reasons)
    roles, actions = tuple(r.code for r in w.roles), tuple(dict.fromkeys(a.code for a in w.actions))
    for code, status in keyed(w.statuses).items():
        yield from _each(f"statuses.{code}.reaches", "milestone", status.reaches, MILESTONES)
    for code, move in keyed(w.moves).items():
        yield from _each(f"moves.{code}.from", "status", (s for s in move.from_ if s != "*"), statuses)
        yield from _each(f"moves.{code}.to", "status", (move.to,), statuses)
        yield from _each(f"moves.{code}.requires", "guard", move.requires, tuple(guards))
        yield from _each(f"moves.{code}.reasons", "reason", move.reasons, reasons)
    for code, item in keyed(w.items).items():
        yield from _each(f"items.{code}.gates", "status", (item.gates,), statuses)
    for code, kind in keyed(w.blockers).items():
        yield from _each(f"blockers.{code}.action", "action", (kind.action,), actions)
        yield from _each(f"blockers.{code}.item", "item", filter(None, (kind.item,)), items)
        yield from _each(f"blockers.{code}.cleared_by", "role", kind.cleared_by, roles)
        yield from _each(f"blockers.{code}.escalates_to", "role", filter(None, (kind.escalates_to,)), roles)
    for code, reason in keyed(w.close_reasons).items():
        yield from _each(f"close_reasons.{code}.family", "family", (reason.family,), FAMILIES)
    for code, role in keyed(w.roles).items():
        yield from _each(f"roles.{code}.may", "command", (c for c in role.may if c != "*"), COMMANDS)
    yield from _each("staleness.movement", "event", w.staleness.movement, EVENT_KINDS)
    yield from _each("contact.consent_required", "channel", w.contact.consent_required, w.contact.channels)
    yield from _each("site.working_days", "weekday", w.site.working_days, WEEKDAYS)
    yield from _rules(w, statuses, items, roles)


def _rules(
    w: Workflow, statuses: tuple[str, ...], items: tuple[str, ...], roles: tuple[str, ...]
) -> Iterator[_Reference]:
    buckets = tuple(dict.fromkeys((*(b.code for b in w.buckets), UNMAPPED)))
    for code, rule in keyed(w.buckets).items():
        yield from _each(f"buckets.{code}.when.statuses", "status", rule.when.statuses, statuses)
    yield from _each("shown.buckets", "bucket", w.shown, buckets)
    for code, action in keyed(w.actions).items():
        path, when = f"actions.{code}", action.when
        yield from _each(f"{path}.role", "role", (action.role,), roles)
        yield from _each(f"{path}.anchor", "anchor", (action.anchor,), ANCHORS)
        yield from _each(f"{path}.when.buckets", "bucket", when.buckets, buckets)
        yield from _each(f"{path}.when.statuses", "status", when.statuses, statuses)
        yield from _each(f"{path}.when.blockers", "blocker", when.blockers, tuple(b.code for b in w.blockers))
        yield from _each(f"{path}.when.situations", "situation", when.situations, SITUATIONS)
        wanted = [each.partition(":") for each in when.items]
        yield from _each(f"{path}.when.items", "item", (item for item, _, _ in wanted), items)
        yield from _each(f"{path}.when.items", "state", (s for _, colon, s in wanted if colon), STATES["item_set"])


def _trigger(workflow: Workflow, speller: Speller, path: str, trigger: str, *, start: bool) -> Iterator[Problem]:
    kind, _, about = trigger.partition(":")
    kinds = (*EVENT_KINDS, STALE) if start else EVENT_KINDS
    if kind not in kinds:
        yield Problem(path, "unknown_event", f"there is no event kind {kind!r}{speller.hint(kind, kinds)}")
        return
    if not about:
        return
    thing, _, state = about.partition(":")
    known: dict[str, tuple[str, tuple[str, ...]]] = {
        **{kind: ("state", states) for kind, states in STATES.items()},
        "moved": ("status", tuple(s.code for s in workflow.statuses)),
        "item_set": ("item", tuple(i.code for i in workflow.items)),
        "blocked": ("blocker", tuple(b.code for b in workflow.blockers)),
        "unblocked": ("blocker", tuple(b.code for b in workflow.blockers)),
    }
    if kind not in known:
        if kind not in ("action_set", "decision_requested", "decision_recorded"):
            yield Problem(path, "unknown_state", f"{kind} takes nothing after it; write {kind!r} alone")
        return
    what, words = known[kind]
    if thing not in words:
        named = "state or outcome" if what == "state" else _SAID.get(what, what)
        said = f"there is no {named} {thing!r}{speller.hint(thing, words)}"
        yield Problem(path, f"unknown_{what}", said)
    if state and kind != "item_set":
        yield Problem(path, "unknown_state", f"{kind} takes one word; write '{kind}:{thing}' alone")
    elif state and state not in STATES["item_set"]:
        yield Problem(
            path, "unknown_state", f"there is no item state {state!r}{speller.hint(state, STATES['item_set'])}"
        )


def _renamed(workflow: Workflow, speller: Speller) -> Iterator[Problem]:
    statuses = tuple(s.code for s in workflow.statuses)
    for old, new in workflow.renamed.items():
        path = f"renamed.{old}"
        if old in statuses:
            said = f"{old} is still a status; remove it from [renamed], or the status from [statuses]"
            yield Problem(path, "renamed_known", said)
        if new not in statuses:
            yield Problem(path, "unknown_status", f"there is no status {new!r}{speller.hint(new, statuses)}")


def _wording(workflow: Workflow, speller: Speller) -> Iterator[Problem]:
    known = dict.fromkeys(
        f"{table}.{code_of(row)}.{name}"
        for table in _TABLES
        for row in getattr(workflow, table)
        for name in ("label", "sponsor_label")
        if hasattr(row, name)
    )
    for path in workflow.wording:
        if path not in known:
            said = f"no label has the path {path!r}{speller.hint(path, known)}"
            yield Problem(f"wording.{path}", "unknown_label", said)
