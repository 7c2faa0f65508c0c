"""docs/conformance.md lists the clauses and checks there are, and keeps the policy on how they change."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from scripts.clauses import BEGIN, END, PAGE, listed

from trialflow.adapters.checks.running import CHECKS

ROOT = Path(__file__).parents[2]


def test_the_clauses_are_those_of_the_ports() -> None:
    written = PAGE.read_text("utf-8").partition(BEGIN)[2].partition(END)[0].strip()
    assert written == listed().strip(), "run `make reference`"


def test_another_clause_or_check_would_be_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    before = listed()
    monkeypatch.setattr("scripts.clauses.clauses", lambda letter: {f"{letter}1": "Something new."})
    assert listed() != before


def test_every_setup_and_class_is_named() -> None:
    text = PAGE.read_text("utf-8")
    for setup in CHECKS:
        assert f"`{setup.__name__}`" in text
        assert f"`{setup.__name__.removesuffix('Setup')}Contract`" in text


def test_the_changelog_lists_changes_of_the_contract() -> None:
    """The policy says where new checks are found; the release that brought the kit begins the list."""
    changelog = (ROOT / "CHANGELOG.md").read_text("utf-8")
    section = re.search(r"^### Contract\n(.*?)(?=^##)", f"{changelog}\n## end", re.MULTILINE | re.DOTALL)
    assert section is not None
    told = re.findall(r"^- \*\*(\w[\w ]*)\*\*: (\d+) checks", section[1], re.MULTILINE)
    titles = ("Storage", "Vault", "Lead source", "Renderer", "Guard", "Workflow")
    assert told == [(title, str(len(checks))) for title, checks in zip(titles, CHECKS.values(), strict=True)]
