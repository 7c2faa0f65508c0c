"""The repository names no machine, no registry and no secret, and keeps its promises about size."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

_PLACES = re.compile(
    r"""
    (?<![\w.])/(?:home|Users|root|work|srv|mnt)/[\w.]      # a directory of somebody's machine
    | https?://(?:localhost|127\.0\.0\.1|10(?:\.\d+){3})\b  # a service of somebody's network
    | https?://[^/\s:"']+:[^/\s@"']+@                       # a login
    | \b(?:api[_-]?key|secret|token)\s*=\s*['"]\w{12,}     # a secret
    """,
    re.VERBOSE | re.IGNORECASE,
)
_MIRROR = re.compile(r"https?://(?P<host>[\w.-]+)/[^\s\"]*(?:simple|packages)/")
_FOLDERS = ("src", "tests", "docs", "benchmarks", "examples", "scripts")
_TEXT = {".py", ".md", ".toml", ".txt", ".lock", ".css", ".js", ".j2", ".json", ".csv", "", ".typed"}


def tracked() -> list[Path]:
    """The files of the repository; of a source archive, all that is there."""
    try:
        done = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True)
        found = [ROOT / name for name in done.stdout.decode().split("\0") if name]
    except (OSError, subprocess.CalledProcessError):
        found = [p for name in _FOLDERS for p in (ROOT / name).rglob("*")]
    return [path for path in found if path.is_file() and path.suffix in _TEXT and "__pycache__" not in path.parts]


def test_no_file_names_a_machine_or_holds_a_secret() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()[:80]}"
        for path in tracked()
        for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1)
        if _PLACES.search(line)
    ]
    assert found == []


def test_packages_come_from_the_public_index_alone() -> None:
    for path in tracked():
        for match in _MIRROR.finditer(path.read_text("utf-8")):
            assert match["host"] in ("pypi.org", "files.pythonhosted.org"), f"{path.name}: {match['host']}"


@pytest.mark.parametrize(
    "words",
    [
        ("cd /", "home", "/somebody"),
        ("see /", "work", "/x"),
        ("http", "://user:", "pass@example.org"),
        ("http", "://local", "host:80/"),
        ("api_key", " = '", "0123456789abcdef'"),
    ],
)
def test_such_a_line_would_be_found(words: tuple[str, ...]) -> None:
    assert _PLACES.search("".join(words))  # joined here, so that this file does not find itself


def test_a_mirror_would_be_found() -> None:
    found = _MIRROR.search("https://" + "mirror.example.org/pypi/simple/attrs")
    assert found is not None
    assert found["host"] == "mirror.example.org"


def test_everything_that_is_made_is_ignored() -> None:
    patterns = (ROOT / ".gitignore").read_text("utf-8").splitlines()
    for made in ("__pycache__/", ".venv/", "dist/", "demo-out/", ".hypothesis/", "*.db"):
        assert made in patterns
