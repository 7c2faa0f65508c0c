"""A workflow as a picture's source: Mermaid and Graphviz, from one list of edges."""

from __future__ import annotations

from trialflow.rules.workflow import Status, Workflow

__all__ = ["to_dot", "to_mermaid"]


def _edges(workflow: Workflow) -> list[tuple[str, str, str]]:
    """(from, to, moves) for every pair of statuses with a move between them, in the workflow's order."""
    named: dict[tuple[str, str], list[str]] = {}
    for status in workflow.statuses:
        for move in workflow.moves_from(status.code):
            named.setdefault((status.code, move.to), []).append(move.name)
    return [(a, b, ", ".join(names)) for (a, b), names in named.items()]


def to_mermaid(workflow: Workflow) -> str:
    """A Mermaid state diagram; study-team statuses carry a class of their own."""
    lines = ["stateDiagram-v2"]
    lines += [f"    {s.code} : {s.label.replace(':', '#58;')}" for s in workflow.statuses]
    lines += [f"    [*] --> {s.code}" for s in workflow.statuses if s.initial]
    lines += [f"    {a} --> {b} : {names}" for a, b, names in _edges(workflow)]
    lines += [f"    {s.code} --> [*]" for s in workflow.statuses if s.final]
    decided = [s.code for s in workflow.statuses if s.decides == "study_team"]
    if decided:
        lines.append("    classDef study_team stroke-dasharray: 4 3")
        lines.append(f"    class {','.join(decided)} study_team")
    return "\n".join(lines) + "\n"


def to_dot(workflow: Workflow) -> str:
    """A Graphviz digraph: final statuses have a double border, study-team statuses a dashed one."""
    lines = ["digraph workflow {", "    rankdir=LR;", '    node [shape=box, style=rounded, fontname="sans-serif"];']
    lines += [f"    {_quoted(s.code)} [label={_quoted(s.label)}{_look(s)}];" for s in workflow.statuses]
    lines += [f"    {_quoted(a)} -> {_quoted(b)} [label={_quoted(names)}];" for a, b, names in _edges(workflow)]
    return "\n".join([*lines, "}"]) + "\n"


def _look(status: Status) -> str:
    style = "rounded,dashed" if status.decides == "study_team" else "rounded"
    return (
        f', style="{style}"' + (", peripheries=2" if status.final else "") + (", penwidth=2" if status.initial else "")
    )


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
