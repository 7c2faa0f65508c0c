"""``workflow check | diff | diagram``."""

from __future__ import annotations

import argparse
from typing import Any

import attrs

from trialflow.cli.exits import EPILOG, OK, REFUSED
from trialflow.cli.options import add_command, add_json, add_plugins
from trialflow.cli.session import load_workflow, print_json, tracker
from trialflow.model.errors import Problem, WorkflowError
from trialflow.rules.check_values import label_texts
from trialflow.rules.diagram import to_dot, to_mermaid
from trialflow.rules.diff import diff, stranded, written
from trialflow.rules.loading import default_workflow
from trialflow.rules.wording import findings
from trialflow.rules.workflow import Workflow

__all__ = ["add_commands"]

_NOTATIONS = {"mermaid": to_mermaid, "dot": to_dot}


def add_commands(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register the commands."""
    workflow = commands.add_parser(
        "workflow",
        help="check, compare and draw workflows",
        description="Check, compare and draw workflows.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    kinds = workflow.add_subparsers(dest="workflow_command", required=True, metavar="check|diff|diagram")
    check = add_command(kinds, "check", "list every problem of a workflow file", _check)
    check.add_argument("file", nargs="?", default="default", help="a TOML file (default: the shipped workflow)")
    check.add_argument("--db", metavar="PATH", help="also count this store's leads in statuses the workflow lacks")
    add_json(check)
    compare = add_command(kinds, "diff", "say what changed between two workflows, and whom it would strand", _diff)
    compare.add_argument("old", help="a TOML file, or `default`")
    compare.add_argument("new", help="a TOML file, or `default`")
    add_json(compare)
    diagram = add_command(kinds, "diagram", "draw a workflow", _diagram)
    diagram.add_argument("file", nargs="?", default="default", help="a TOML file (default: the shipped workflow)")
    diagram.add_argument("--as", dest="kind", choices=sorted(_NOTATIONS), default="mermaid", help="the notation")
    for each in (check, compare, diagram):
        add_plugins(each)


def _load(args: argparse.Namespace, path: str) -> Workflow:
    return default_workflow() if path == "default" else load_workflow(path, args)


def _check(args: argparse.Namespace) -> int:
    try:
        found, problems = _load(args, args.file), ()
    except WorkflowError as error:
        return _told(args, None, error.problems, {})
    lost = stranded(tracker(args).leads(), found) if args.db else {}
    return _told(args, found, problems, {status: len(ids) for status, ids in lost.items()})


def _told(args: argparse.Namespace, found: Workflow | None, problems: tuple[Problem, ...], lost: dict[str, int]) -> int:
    cautions = [f for f in findings(label_texts(found)) if f.level == "caution"] if found is not None else []
    if args.json:
        print_json(
            {
                "format": "trialflow.workflow-check/1",
                "workflow": found.id if found is not None else None,
                "problems": [attrs.asdict(problem) for problem in problems],
                "cautions": [attrs.asdict(caution) for caution in cautions],
                "stranded": lost,
            }
        )
    else:
        print("\n".join(_lines(found, problems, [*map(str, cautions)], lost)))
    return REFUSED if problems or lost else OK


def _lines(
    found: Workflow | None, problems: tuple[Problem, ...], cautions: list[str], lost: dict[str, int]
) -> list[str]:
    if found is None:
        return [*map(str, problems), f"{len(problems)} problem{'s' if len(problems) > 1 else ''}"]
    counts = f"{len(found.statuses)} statuses, {len(found.moves)} moves, {len(found.buckets)} bucket rules"
    waiting = [f"stranded {status}: {n} lead{'s' if n > 1 else ''}; name its successor" for status, n in lost.items()]
    return [f"{found.id}: {counts}, no problem", *(f"note: {line}" for line in cautions), *waiting]


def _diff(args: argparse.Namespace) -> int:
    old, new = _load(args, args.old), _load(args, args.new)
    found = diff(old, new)
    if args.json:
        changes: list[dict[str, Any]] = [
            {"path": c.path, "kind": c.kind, "before": written(c.before), "after": written(c.after)}
            for c in found.changes
        ]
        head = {"format": "trialflow.workflow-diff/1", "old": old.id, "new": new.id}
        print_json({**head, "changes": changes, "stranded": list(found.stranded)})
    else:
        print("\n".join(found.lines() or ["no difference"]))
    return REFUSED if found.stranded else OK


def _diagram(args: argparse.Namespace) -> int:
    print(_NOTATIONS[args.kind](_load(args, args.file)), end="")
    return OK
