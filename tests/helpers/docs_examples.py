"""Documentation that runs: what a Markdown page shows is executed, in one new directory a page.

* ```` ```python ```` blocks run one after the other in one namespace; blocks that start with ``>>>`` are doctests.
* ```` ```console ```` blocks: every ``$ trialflow ...`` line is run, and what it prints is compared with the lines
  below it. ``...`` stands for anything. A command is expected to succeed unless its line ends in ``# exit N``.
* ``<!-- file: NAME -->`` before a block writes that block to a file of this name, for the examples after it.
* ``<!-- skip: next -->`` leaves the next block alone. Blocks in other languages (``sh``, ``toml``, ``text``) are text.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from sybil import Document, Example, Region
from sybil.parsers.markdown import CodeBlockParser

__all__ = ["console_parser", "enter", "exit_of", "file_parser", "leave", "run_console", "same", "told_apart"]

_FILE = re.compile(r"^<!-- file: (?P<name>[\w./-]+) -->\n+```\w*\n(?P<text>.*?)^```", re.DOTALL | re.MULTILINE)
_EXIT = re.compile(r"\s+# exit (\d+)$")


def enter(namespace: dict[str, Any]) -> None:
    """A page begins: work in a new directory."""
    place = tempfile.TemporaryDirectory(prefix="trialflow-docs-")
    namespace["_place"], namespace["_home"] = place, Path.cwd()
    os.chdir(place.name)


def leave(namespace: dict[str, Any]) -> None:
    """A page ends: go back, leave nothing behind."""
    os.chdir(namespace["_home"])
    namespace["_place"].cleanup()


def file_parser(document: Document) -> Iterator[Region]:
    """Files a page gives, written where its examples run."""
    for found in _FILE.finditer(document.text):
        yield Region(found.start(), found.start() + len("<!--"), (found["name"], found["text"]), _write)


def _write(example: Example) -> None:
    name, text = example.parsed
    target = Path(name)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text, "utf-8")


def console_parser() -> CodeBlockParser:
    """The parser of ``console`` blocks."""
    return CodeBlockParser(language="console", evaluator=_console)


def _console(example: Example) -> str | None:
    return run_console(str(example.parsed))


def run_console(block: str) -> str | None:
    """Run the commands of one block; what differs from the page, or None."""
    wrong = [problem for command, expected in told_apart(block) if (problem := _run(command, expected))]
    return "\n".join(wrong) or None


def told_apart(block: str) -> Iterable[tuple[str, str]]:
    """Each command of a block with the output shown below it."""
    commands: list[tuple[str, list[str]]] = []
    for line in block.replace("\\\n", " ").splitlines():
        if line.startswith("$ "):
            commands.append((line[2:], []))
        elif not commands:
            raise ValueError("a console block starts with a line `$ trialflow ...`")
        else:
            commands[-1][1].append(line)
    return [(command, "\n".join(lines)) for command, lines in commands]


def exit_of(command: str) -> tuple[str, int]:
    """A command without its ``# exit N``, and the exit code it is expected to have."""
    declared = _EXIT.search(command)
    return _EXIT.sub("", command), int(declared[1]) if declared else 0


def _run(command: str, expected: str) -> str | None:
    plain, wanted = exit_of(command)
    words = shlex.split(plain)
    if words[:3] == ["python", "-m", "trialflow"]:
        words = words[2:]
    if words[0] != "trialflow":
        return f"$ {command}\nonly trialflow commands belong into a console block; use ```sh for others"
    done = subprocess.run(
        [sys.executable, "-W", "error", "-m", "trialflow", *words[1:]],
        env=_environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        timeout=300,
        check=False,
    )
    if done.returncode != wanted:
        return f"$ {command}\nexit code {done.returncode}\n{done.stdout}"
    if not same(expected, done.stdout):
        return f"$ {command}\n--- the page shows\n{expected}\n--- it printed\n{done.stdout}"
    return None


def _environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("TRIALFLOW_")}
    return {**kept, "COLUMNS": "110", "NO_COLOR": "1", "PYTHONUTF8": "1"}


def same(expected: str, printed: str) -> bool:
    """Whether what was printed is what the page shows."""
    return (
        re.fullmatch("".join(map(_pattern, _lines(expected))), "".join(f"{line}\n" for line in _lines(printed)))
        is not None
    )


def _pattern(line: str) -> str:
    # A line of `...` stands for any number of lines, none included; `...` within a line for any text.
    if line.strip() == "...":
        return r"(?:.*\n)*?"
    return ".*?".join(re.escape(part) for part in line.split("...")) + r"\n"


def _lines(text: str) -> list[str]:
    return [line.rstrip() for line in text.strip("\n").splitlines()]
