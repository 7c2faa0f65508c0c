"""Write the list of clauses and checks in docs/conformance.md anew: ``make reference``. A test compares the two."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from scripts.made_part import rewrite

from trialflow.adapters.checks import Check
from trialflow.adapters.checks.clauses import clauses
from trialflow.adapters.checks.running import CHECKS

__all__ = ["BEGIN", "END", "PAGE", "listed", "main"]

PAGE = Path(__file__).parents[1] / "docs" / "conformance.md"
BEGIN = "<!-- clauses: made by `make reference` -->"
END = "<!-- end of the clauses -->"
_PORTS = {"Storage": "SQ", "Vault": "V", "Lead source": "L", "Renderer": "R", "Guard": "G", "Workflow": "W"}
"""The ports, and the letters of their clauses."""


def main() -> int:
    """Replace what stands between the two marks."""
    rewrite(PAGE, BEGIN, END, listed())
    return 0


def listed() -> str:
    """Every clause as Markdown, with the checks that quote it."""
    return "\n".join(line for port, checks in zip(_PORTS, CHECKS.values(), strict=True) for line in _port(port, checks))


def _port(title: str, checks: tuple[Check[Any], ...]) -> Iterator[str]:
    yield f"### {title}\n"
    quoting: dict[str, list[str]] = {}
    for check in checks:
        quoting.setdefault(check.clause, []).append(f"`{check.name}`")
    for number, words in (clause for letter in _PORTS[title] for clause in clauses(letter).items()):
        names = quoting[number]
        text = f"**{number}** {words} {'Checks' if len(names) > 1 else 'Check'}: {', '.join(names)}."
        yield textwrap.fill(text, 120, initial_indent="- ", subsequent_indent="  ", break_long_words=False)
    yield ""


if __name__ == "__main__":
    raise SystemExit(main())
