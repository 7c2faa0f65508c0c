"""What the pages show of the Django example stands in it, and is run by its own tests."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = ("django.md", "host-transactions.md")


def plain(text: str) -> str:
    """Lines without their indentation, so that a method may stand at the margin of a page."""
    return "\n".join(line.strip() for line in text.strip().splitlines())


def excerpts(page: str) -> list[str]:
    text = (ROOT / "docs" / page).read_text("utf-8")
    return re.findall(r"<!-- skip: next -->\n```python\n(.*?)^```", text, re.DOTALL | re.MULTILINE)


@pytest.mark.parametrize("page", PAGES)
def test_every_excerpt_stands_in_the_example(page: str) -> None:
    files = [plain(path.read_text("utf-8")) for path in (ROOT / "examples" / "django_site").rglob("*.py")]
    shown = excerpts(page)
    assert shown
    for excerpt in shown:
        assert any(plain(excerpt) in file for file in files), (
            f"docs/{page} shows what the example does not have: {excerpt}"
        )


def test_no_python_of_the_django_page_is_left_unchecked() -> None:
    text = (ROOT / "docs" / "django.md").read_text("utf-8")
    assert text.count("```python") == len(excerpts("django.md"))


def test_the_check_finds_what_differs() -> None:
    assert plain("  a\n    b") == "a\nb"
    assert plain("def tracker() -> int:") not in plain("def tracker() -> Tracker:")
