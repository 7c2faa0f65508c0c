"""``make bench``: every contender in a process of its own, results compared equal before times count.

``python benchmarks/run.py [--group NAME ...] [--json]``. It ends with 1 when a contender failed or results differ; a
missed goal is printed as missed and is no failure: the machine may be busy.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import attrs

from groups import GROUPS, Contender, Goal, Group

__all__ = ["Outcome", "differing", "main", "met", "ran", "table"]

CONTENDERS = Path(__file__).with_name("contenders")
_LONGEST = 3_600


@attrs.frozen(kw_only=True)
class Outcome:
    """What one contender said of itself, or why it said nothing."""

    contender: Contender
    found: dict[str, Any] = attrs.field(factory=dict)
    problem: str = ""

    def value(self, measure: str) -> float | None:
        """One of its figures; rows per second also from ``rows`` and ``seconds``."""
        known = self.found.get(measure)
        if known is None and measure == "rows_per_second" and "rows" in self.found:
            known = self.found["rows"] / self.found["seconds"]
        return float(known) if known is not None else None


def main(argv: Sequence[str] | None = None) -> int:
    """Run the groups asked for and print a table each, or one JSON document."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--group", action="append", choices=sorted(GROUPS), help="only this group (may be repeated)")
    options.add_argument("--json", action="store_true", help="print one JSON document instead of tables")
    args = options.parse_args(argv)
    told, wrong = [], False
    for name in args.group or GROUPS:
        group = GROUPS[name]
        outcomes = [ran(contender) for contender in group.contenders]
        unlike = differing(outcomes)
        wrong = wrong or bool(unlike) or any(outcome.problem for outcome in outcomes)
        told.append(_document(group, outcomes, unlike))
        if not args.json:
            print(table(group, outcomes, unlike), flush=True)
    if args.json:
        print(json.dumps({"format": "trialflow.bench/1", "machine": _machine(), "groups": told}, indent=1))
    else:
        print(_machine())
    return int(wrong)


def ran(contender: Contender) -> Outcome:
    """Run one contender in a new process; its last line is its JSON object."""
    script = CONTENDERS / contender.script
    if not script.exists():
        return Outcome(contender=contender, problem=f"{contender.script} is not there")
    command = [sys.executable, str(script), *contender.arguments]
    try:
        done = subprocess.run(command, capture_output=True, encoding="utf-8", timeout=_LONGEST, check=False)
    except subprocess.TimeoutExpired:
        return Outcome(contender=contender, problem="took more than an hour")
    last = (done.stdout.strip().splitlines() or [""])[-1]
    if done.returncode:
        return Outcome(contender=contender, problem=(done.stderr.strip().splitlines() or ["it failed"])[-1])
    try:
        return Outcome(contender=contender, found=dict(json.loads(last)))
    except (ValueError, TypeError):
        return Outcome(contender=contender, problem="its last line is no JSON object")


def differing(outcomes: Sequence[Outcome]) -> list[str]:
    """The contenders whose result is not that of the first one that has one."""
    said = [outcome for outcome in outcomes if "result" in outcome.found]
    return [outcome.contender.name for outcome in said if outcome.found["result"] != said[0].found["result"]]


def met(goal: Goal, outcomes: Sequence[Outcome]) -> bool | None:
    """Whether a goal is met; None where a figure is missing."""
    by_name = {outcome.contender.name: outcome for outcome in outcomes}
    found = by_name[goal.contender].value(goal.measure)
    other = by_name[goal.than].value(goal.measure) if goal.than else 1.0
    if found is None or other is None:
        return None
    if goal.faster:
        return other >= goal.faster * found
    return found >= goal.bound * other if goal.least else found <= goal.bound * other


def table(group: Group, outcomes: Sequence[Outcome], unlike: Sequence[str]) -> str:
    """A group for a person: figures, ratios to the first contender, goals."""
    lines = [f"\n{group.name}: {group.title}", ""]
    first = outcomes[0].value(group.unit)
    head = f"  {'contender':<32} {group.unit.replace('_', ' '):>22} {'beside the first':>17} {'peak MB':>9}"
    lines += [head, "  " + "-" * (len(head) - 2)]
    for outcome in outcomes:
        name, value, peak = outcome.contender.name, outcome.value(group.unit), outcome.value("peak_mb")
        if value is None:
            lines.append(f"  {name:<32} {outcome.problem or 'no figure'}")
            continue
        ratio = f"{value / first:.2f} x" if first else ""
        lines.append(f"  {name:<32} {_figure(value):>22} {ratio:>17} {f'{peak:.0f}' if peak is not None else '':>9}")
    lines.append("")
    if unlike:
        lines.append(f"  DIFFERENT RESULTS: {', '.join(unlike)}; the times above do not count")
    elif any(outcome.problem for outcome in outcomes):
        lines.append("  not every contender answered; nothing can be said of the others")
    elif len(outcomes) > 1:
        lines.append("  results equal")
    words = {True: "met", False: "missed", None: "not known"}
    lines += [f"  goal  {goal}: {words[met(goal, outcomes)]}" for goal in group.goals]
    return "\n".join(lines)


def _figure(value: float) -> str:
    if value >= 1000:
        return f"{value:,.0f}"
    return f"{value:.3f}" if value >= 0.1 else f"{value:.6f}"


def _document(group: Group, outcomes: Sequence[Outcome], unlike: Sequence[str]) -> dict[str, Any]:
    return {
        "group": group.name,
        "unit": group.unit,
        "equal": not unlike,
        "contenders": [
            {
                "name": outcome.contender.name,
                "value": outcome.value(group.unit),
                "peak_mb": outcome.value("peak_mb"),
                "problem": outcome.problem,
            }
            for outcome in outcomes
        ],
        "goals": [{"goal": str(goal), "met": met(goal, outcomes)} for goal in group.goals],
    }


def _machine() -> str:
    return f"Python {platform.python_version()}, {os.cpu_count()} cores, {platform.system()} {platform.machine()}"


if __name__ == "__main__":
    raise SystemExit(main())
