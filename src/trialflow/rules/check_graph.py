"""Checks of the graph: one way in, every status on a way from it to an end, the study team's gate on its statuses."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from trialflow.model.errors import Problem
from trialflow.rules.vocabulary import Speller
from trialflow.rules.workflow import Move, Workflow, keyed

__all__ = ["graph"]


def graph(workflow: Workflow, speller: Speller) -> Iterator[Problem]:
    """Everything that is wrong with the ways between statuses."""
    yield from _entry(workflow)
    yield from _categories(workflow)
    yield from _leaving_ends(workflow)
    yield from _reachable(workflow, speller)
    yield from _gate(workflow)


def _entry(workflow: Workflow) -> Iterator[Problem]:
    initial = [s for s in workflow.statuses if s.initial]
    if not initial:
        yield Problem("statuses", "no_initial", "no status is initial; say initial = true on the one where leads start")
    for status in initial[1:]:
        said = f"{initial[0].code} is initial already; only one status can be"
        yield Problem(f"statuses.{status.code}.initial", "many_initial", said)
    for status in initial:
        if status.final or status.decides == "study_team":
            said = "a lead cannot start at an end, or where only the study team enters; make another status initial"
            yield Problem(f"statuses.{status.code}.initial", "bad_initial", said)


def _categories(workflow: Workflow) -> Iterator[Problem]:
    for status in workflow.statuses:
        ends = status.category in ("positive_end", "negative_end")
        if ends != status.final:
            mend = "say final = true" if ends else "give it the category positive_end or negative_end"
            said = f"the category {status.category} and final = {str(status.final).lower()} disagree; {mend}"
            yield Problem(f"statuses.{status.code}.category", "category_mismatch", said)


def _leaving_ends(workflow: Workflow) -> Iterator[Problem]:
    final = {s.code for s in workflow.statuses if s.final}
    for name, move in keyed(workflow.moves).items():
        if move.restores or move.opens_episode:
            continue
        for code in move.from_:
            if code in final:
                said = f"{code} is final; say restores = true (reopening) or opens_episode = true, or leave it out"
                yield Problem(f"moves.{name}.from", "exit_from_final", said)
        if move.from_ == (move.to,):
            yield Problem(f"moves.{name}", "self_move", f"it leads from {move.to} to itself; name another status")


def _reachable(workflow: Workflow, speller: Speller) -> Iterator[Problem]:
    edges = list(_edges(workflow, speller))
    initial = [s.code for s in workflow.statuses if s.initial]
    reached = _closure(initial, edges) if initial else {s.code for s in workflow.statuses}
    ends = _closure([s.code for s in workflow.statuses if s.final], [(b, a) for a, b in edges])
    for status in workflow.statuses:
        path = f"statuses.{status.code}"
        if status.code not in reached:
            yield Problem(path, "unreachable_status", f"no way leads from {initial[0]} here; add a move to it")
        if status.code not in ends:
            yield Problem(path, "no_way_to_end", "no way leads from here to a final status; add a move out of it")


def _edges(workflow: Workflow, speller: Speller) -> Iterator[tuple[str, str]]:
    """(from, to) of every move. A misspelt status is read as the one that was meant: it is reported elsewhere."""
    codes = [s.code for s in workflow.statuses]
    for move in workflow.moves:
        to = speller.meant(move.to, codes)
        for code in _sources(workflow, move):
            yield speller.meant(code, codes), to


def _sources(workflow: Workflow, move: Move) -> Iterator[str]:
    for code in move.from_:
        if code == "*":
            yield from (s.code for s in workflow.statuses if not s.final)
        else:
            yield code


def _closure(start: Iterable[str], edges: list[tuple[str, str]]) -> set[str]:
    found, ahead = set(start), list(start)
    onward: dict[str, list[str]] = {}
    for a, b in edges:
        onward.setdefault(a, []).append(b)
    while ahead:
        new = [b for b in onward.get(ahead.pop(), ()) if b not in found]
        found.update(new)
        ahead += new
    return found


def _gate(workflow: Workflow) -> Iterator[Problem]:
    decided = {s.code for s in workflow.statuses if s.decides == "study_team"}
    for name, move in keyed(workflow.moves).items():
        if move.to in decided and "authority" not in move.requires:
            said = f"only the study team enters {move.to}; add the guard authority"
            yield Problem(f"moves.{name}.requires", "authority_missing", said)
    if decided and not any(role.decider for role in workflow.roles):
        said = f"nobody can enter {', '.join(sorted(decided))}; say decider = true on a role of the study team"
        yield Problem("roles", "no_decider", said)
