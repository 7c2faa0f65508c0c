"""docs/write-an-adapter.md, line by line, in an empty environment: what it says to type is typed, what it says to write
is written, and what is printed is compared with the page."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

import attrs
import pytest

from docs_examples import exit_of, same, told_apart
from fresh_env import PIPS_PYTHON, ROOT, Environment

PAGE = (ROOT / "docs" / "write-an-adapter.md").read_text("utf-8")
STEPS = PAGE.partition("<!-- skip: start -->")[2].partition("<!-- skip: end -->")[0]
_FILE, _FENCED = r"(?:<!-- file: (?P<file>[\w./-]+) -->\n)?", r"^```(?P<kind>\w+)\n(?P<text>.*?)^```$"
BLOCK = re.compile(_FILE + _FENCED, re.DOTALL | re.MULTILINE)


@attrs.define
class Reader:
    """Somebody who does what the page says, in a directory of their own."""

    env: Environment
    home: Path
    place: Path

    def do(self, block: re.Match[str]) -> None:
        """One block of the page."""
        if block["file"]:
            (self.home / block["file"]).write_text(block["text"], "utf-8")
        elif block["kind"] == "sh":
            assert self.sh(block["text"], 0) is not None
        else:
            assert block["kind"] == "console"
            for command, expected in told_apart(block["text"]):
                plain, wanted = exit_of(command)
                printed = self.sh(plain, wanted)
                assert same(expected, printed), f"$ {plain}\n--- the page shows\n{expected}\n--- it printed\n{printed}"

    def sh(self, lines: str, wanted: int) -> str:
        """Run lines of a shell, one after the other, and stay where they lead."""
        script = f"set -e\ntrap 'pwd > {self.home}/.place' EXIT\n{lines}"
        # pip would make an environment of its own for hatchling at each package; here it takes the one that is there.
        variables = {"TMPDIR": str(self.home), "PIP_NO_BUILD_ISOLATION": "0"}
        done = self.env.run("sh", "-c", script, cwd=self.place, **variables)
        assert done.returncode == wanted, f"{lines}\nexit code {done.returncode}\n{done.stdout}"
        self.place = Path((self.home / ".place").read_text("utf-8").strip())
        return done.stdout


@pytest.fixture
def reader(wheels: Path) -> Iterator[Reader]:
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as folder:
        home = Path(folder) / "home"
        home.mkdir()
        env = Environment.empty(Path(folder) / "env", wheels)
        env.install("hatchling", "editables")
        pip = env.path / "bin" / "pip"
        pip.write_text(f'#!/bin/sh\nexec {PIPS_PYTHON} -m pip --python {env.python} "$@"\n', "utf-8")
        pip.chmod(0o755)
        yield Reader(env, home, home)


def test_every_line_of_the_guide_does_what_it_says(reader: Reader) -> None:
    blocks = list(BLOCK.finditer(STEPS))
    assert len(blocks) == STEPS.count("\n```") // 2 > 15, "every block of the page is among them"
    for block in blocks:
        reader.do(block)


def test_a_guide_that_says_something_else_would_fail(reader: Reader) -> None:
    first = next(block for block in BLOCK.finditer(STEPS) if block["kind"] == "console")
    reader.env.install("trialflow")
    reader.do(first)
    (reader.home / "trialflow-acme-form").rename(reader.home / "away")
    other = BLOCK.search(first[0].replace("next: cd", "next: go to"))
    assert other is not None
    with pytest.raises(AssertionError, match="the page shows"):
        reader.do(other)
