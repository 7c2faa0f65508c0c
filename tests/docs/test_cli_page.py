"""docs/cli.md and the parser say the same; a changed option without its page is found."""

from __future__ import annotations

import argparse

import pytest
from scripts.reference import BEGIN, END, PAGE, reference

from trialflow.cli.main import parser


def test_the_reference_is_what_the_parser_says() -> None:
    text = PAGE.read_text("utf-8")
    written = text.partition(BEGIN)[2].partition(END)[0].strip()
    assert written == reference().strip(), "run `make reference`"


def test_a_new_option_would_be_found(monkeypatch: pytest.MonkeyPatch) -> None:
    before = reference()

    def longer() -> argparse.ArgumentParser:
        found = parser()
        found._actions[-1].choices["board"].add_argument("--new", help="something new")  # type: ignore[index]
        return found

    monkeypatch.setattr("scripts.reference.parser", longer)
    assert reference() != before
    assert "something new" in reference()


def test_every_command_has_its_place() -> None:
    told = reference()
    for name in ("demo", "report", "import", "workflow check", "workflow diff", "verify", "export", "lead"):
        assert f"### {name}\n" in told
