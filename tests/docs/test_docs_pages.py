"""The pages hang together: every link leads somewhere, every page is in the index, every list is the real one."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")])
_LINK = re.compile(r"!?\[[^\]]*\]\((?P<to>[^)\s]+)\)")


def links(page: Path) -> Iterator[str]:
    outside_code = re.sub(r"```.*?```", "", page.read_text("utf-8"), flags=re.DOTALL)
    for found in _LINK.finditer(outside_code):
        yield found["to"]


def anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", page.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_somewhere(page: Path) -> None:
    for to in links(page):
        if to.startswith(("http://", "https://", "mailto:")):
            continue
        path, _, fragment = to.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), f"{page.name}: {to}"
        if fragment:
            assert fragment in anchors(target), f"{page.name}: {to}"


def test_every_page_is_in_the_index() -> None:
    listed = {to for to in links(ROOT / "docs" / "README.md") if to.endswith(".md")}
    assert {page.name for page in ROOT.glob("docs/*.md")} - {"README.md"} == listed


def test_the_extras_of_the_readme_are_those_of_the_package() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    readme = (ROOT / "README.md").read_text("utf-8")
    table = readme.partition("| Extra |")[2].partition("\n\n")[0]
    assert set(re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)) == set(project["optional-dependencies"])


def test_the_readmes_commands_exist() -> None:
    from trialflow.cli.main import parser

    top = parser()
    known = next(action.choices for action in top._actions if action.dest == "command")
    assert isinstance(known, dict)
    for page in (ROOT / "README.md", ROOT / "CONTRIBUTING.md", *ROOT.glob("docs/*.md")):
        for name in re.findall(r"(?<![\w.])trialflow ([a-z]+)\b", "\n".join(code_of(page))):
            assert name in known, f"{page.name}: trialflow {name}"


def code_of(page: Path) -> Iterator[str]:
    text = page.read_text("utf-8")
    yield from re.findall(r"^\$ (trialflow .+)$", text, re.MULTILINE)
    for block in re.findall(r"```sh\n(.*?)```", text, re.DOTALL):
        yield from (line for line in block.splitlines() if line.startswith("trialflow "))
    yield from re.findall(r"`(trialflow [a-z]+[^`]*)`", text)


def test_the_picture_is_there_and_is_one() -> None:
    picture = (ROOT / "docs" / "images" / "dashboard.png").read_bytes()
    assert picture[:8] == b"\x89PNG\r\n\x1a\n"
    width = int.from_bytes(picture[16:20])
    assert 1000 <= width <= 2600
    assert len(picture) < 500_000


def test_the_make_targets_of_the_pages_exist() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    called = {target for page in PAGES for target in re.findall(r"(?:^|`)make ([a-z]+)", page.read_text("utf-8"), re.M)}
    assert {"demo", "test", "bench", "lint"} <= called
    for target in called:
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), f"make {target}"
