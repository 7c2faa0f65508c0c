"""A workflow as a picture's source: Mermaid and Graphviz, from one list of edges."""

from __future__ import annotations

import re

from trialflow.rules.workflow import Move, Status, Workflow

__all__ = ["to_dot", "to_mermaid"]

_KEYWORDS = frozenset(
    ("as", "class", "classdef", "click", "default", "direction", "end", "fork", "hide", "join", "choice", "note",
     "scale", "state", "style", "title")
)  # fmt: skip
"""What Mermaid would not take for the name of a state."""

_SPECIAL = re.compile(r"[^\w\s.,()/'+-]")


def _edges(workflow: Workflow) -> list[tuple[str, str, str]]:
    """(from, to, moves) for every pair of statuses with a move between them, in the workflow's order."""
    named: dict[tuple[str, str], list[str]] = {}
    for status in workflow.statuses:
        for move in workflow.moves_from(status.code):
            named.setdefault((status.code, move.to), []).append(_called(move))
    return [(a, b, ", ".join(names)) for (a, b), names in named.items()]


def _called(move: Move) -> str:
    if move.restores:
        return f"{move.name} (back to where it was)"
    return f"{move.name} (next episode)" if move.opens_episode else move.name


def to_mermaid(workflow: Workflow) -> str:
    """A Mermaid state diagram; study-team statuses carry a class of their own."""
    ids = _ids(workflow)
    lines = ["stateDiagram-v2"]
    lines += [f"    {ids[s.code]} : {_escaped(s.label)}" for s in workflow.statuses]
    lines += [f"    [*] --> {ids[s.code]}" for s in workflow.statuses if s.initial]
    lines += [f"    {ids[a]} --> {ids[b]} : {_escaped(names)}" for a, b, names in _edges(workflow)]
    lines += [f"    {ids[s.code]} --> [*]" for s in workflow.statuses if s.final]
    decided = [ids[s.code] for s in workflow.statuses if s.decides == "study_team"]
    if decided:
        lines.append("    classDef study_team stroke-dasharray: 4 3")
        lines.append(f"    class {','.join(decided)} study_team")
    return "\n".join(lines) + "\n"


def _ids(workflow: Workflow) -> dict[str, str]:
    """A name for each status that Mermaid takes: no hyphens, no keywords, all different."""
    found: dict[str, str] = {}
    for status in workflow.statuses:
        name = status.code.replace("-", "_")
        while name in _KEYWORDS or name in found.values():
            name += "_"
        found[status.code] = name
    return found


def _escaped(text: str) -> str:
    """Text with everything that could end or open something in Mermaid as its number."""
    plain = " ".join(text.split())
    return _SPECIAL.sub(lambda found: f"#{ord(found[0])};", plain) or "#32;"


def to_dot(workflow: Workflow) -> str:
    """A Graphviz digraph: final statuses have a double border, study-team statuses a dashed one."""
    lines = ["digraph workflow {", "    rankdir=LR;", '    node [shape=box, style=rounded, fontname="sans-serif"];']
    lines += [f"    {_quoted(s.code)} [label={_quoted(s.label)}{_look(s)}];" for s in workflow.statuses]
    lines += [f"    {_quoted(a)} -> {_quoted(b)} [label={_quoted(names)}];" for a, b, names in _edges(workflow)]
    return "\n".join([*lines, "}"]) + "\n"


def _look(status: Status) -> str:
    style = ', style="rounded,dashed"' if status.decides == "study_team" else ""
    return style + (", peripheries=2" if status.final else "") + (", penwidth=2" if status.initial else "")


def _quoted(text: str) -> str:
    plain = "".join(char if char.isprintable() else " " for char in text)
    escaped = plain.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
