"""docs/errors.md lists every code the sources can answer with, and none that they cannot."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from error_codes import codes_in, found_codes, positions
from trialflow.model import errors

PAGE = (Path(__file__).parents[1] / "docs" / "errors.md").read_text("utf-8")
LISTED = {code for row in re.findall(r"^\| (`[^|]+`) \|", PAGE, re.MULTILINE) for code in re.findall(r"`([^`]+)`", row)}


def test_every_code_is_documented_and_every_documented_code_exists() -> None:
    found = found_codes()
    assert sorted(found - LISTED) == []
    assert sorted(LISTED - found) == []


def test_every_class_is_documented_with_its_fields() -> None:
    for cls in vars(errors).values():
        if isinstance(cls, type) and issubclass(cls, errors.TrialflowError):
            fields = [name for name in cls.__annotations__ if name != "code"]
            shown = f"`{cls.__name__}({', '.join(fields)})`" if fields else f"`{cls.__name__}`"
            assert f"| `{cls.code}` | {shown} |" in PAGE


def test_the_search_finds_codes_wherever_they_are_passed() -> None:
    text = """
class Slip:
    place: str
    code: str

class Broken(Exception):
    code: ClassVar[str] = "broken"

class Bad(Exception):
    def __init__(self, code: str) -> None: ...

def say(path: str, code: str) -> None: ...

say("x", "one"); say(path="x", code="two"); Slip("p", "three" if x else "four"); Bad("five"); say("x", f"{y}_six")
"""
    tree = ast.parse(text)
    found = set(codes_in(tree, positions([tree])))
    assert found == {"one", "two", "three", "four", "five", "*_six", "broken"}
