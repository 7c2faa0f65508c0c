"""``workflow check | diff | diagram``."""

from __future__ import annotations

import argparse

from trialflow.cli.exits import OK, REFUSED
from trialflow.cli.session import load_workflow
from trialflow.model.errors import WorkflowError
from trialflow.rules.diagram import to_dot, to_mermaid
from trialflow.rules.diff import diff
from trialflow.rules.loading import default_workflow

__all__ = ["add_commands"]


def add_commands(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register the commands."""
    workflow = commands.add_parser("workflow", help="check, compare and draw workflows")
    kinds = workflow.add_subparsers(dest="workflow_command", required=True, metavar="check|diff|diagram")
    check = kinds.add_parser("check", help="list every problem of a workflow file")
    check.add_argument("file", nargs="?", help="a TOML file (default: the shipped workflow)")
    check.set_defaults(run=_check)
    compare = kinds.add_parser("diff", help="what changed between two workflows, and whom it would strand")
    compare.add_argument("old", help="a TOML file, or `default`")
    compare.add_argument("new", help="a TOML file, or `default`")
    compare.set_defaults(run=_diff)
    diagram = kinds.add_parser("diagram", help="draw a workflow")
    diagram.add_argument("file", nargs="?", help="a TOML file (default: the shipped workflow)")
    diagram.add_argument("--as", dest="kind", choices=["mermaid", "dot"], default="mermaid", help="the notation")
    diagram.set_defaults(run=_diagram)


def _load(path: str | None):  # type: ignore[no-untyped-def]
    return default_workflow() if path in (None, "default") else load_workflow(str(path))


def _check(args: argparse.Namespace) -> int:
    try:
        found = _load(args.file)
    except WorkflowError as error:
        for problem in error.problems:
            print(problem)
        print(f"{len(error.problems)} problem(s)")
        return REFUSED
    print(
        f"{found.id}: {len(found.statuses)} statuses, {len(found.moves)} moves, {len(found.buckets)} buckets: no problem"
    )
    return OK


def _diff(args: argparse.Namespace) -> int:
    found = diff(_load(args.old), _load(args.new))
    lines = found.lines()
    print("\n".join(lines) if lines else "no difference")
    return REFUSED if found.stranded else OK


def _diagram(args: argparse.Namespace) -> int:
    found = _load(args.file)
    print((to_mermaid if args.kind == "mermaid" else to_dot)(found), end="")
    return OK
