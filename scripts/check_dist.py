"""Check what is about to be published: ``python scripts/check_dist.py dist/*``.

The metadata must be valid, the README must be inside, and neither archive may hold what is not meant to be shipped.
"""

from __future__ import annotations

import sys
import tarfile
import zipfile
from collections.abc import Sequence
from pathlib import Path

from packaging.metadata import Metadata

__all__ = ["check", "main"]

_NEEDED = ("trialflow/py.typed", "trialflow/rules/default.toml", "trialflow/adapters/renderers/templates/page.html.j2")
_UNWANTED = ("__pycache__", ".hypothesis", ".mypy_cache", ".pytest_cache", ".venv", ".db", ".git/")


def main(paths: Sequence[str]) -> int:
    """Print what is wrong; 1 when something is, or when there is nothing to check."""
    problems = [f"{path}: {problem}" for path in paths for problem in check(Path(path))]
    print("\n".join(problems) or f"{len(paths)} archives: no problem")
    return 1 if problems or not paths else 0


def check(path: Path) -> list[str]:
    """The problems of one wheel or source archive."""
    if path.suffix == ".whl":
        with zipfile.ZipFile(path) as wheel:
            names = wheel.namelist()
            metadata = wheel.read(next(name for name in names if name.endswith(".dist-info/METADATA")))
        missing = [f"{name} is missing" for name in _NEEDED if name not in names]
    else:
        with tarfile.open(path) as source:
            names = source.getnames()
            file = source.extractfile(next(name for name in names if name.count("/") == 1 and "PKG-INFO" in name))
            metadata = file.read() if file else b""
        missing = [f"{name} is missing" for name in _NEEDED if not any(known.endswith(name) for known in names)]
    unwanted = [f"{name} does not belong here" for name in names if any(word in name for word in _UNWANTED)]
    return missing + unwanted + _metadata(metadata)


def _metadata(raw: bytes) -> list[str]:
    try:
        found = Metadata.from_email(raw, validate=True)
    except ExceptionGroup as problems:
        return [str(problem) for problem in problems.exceptions]
    wrong = []
    if found.description_content_type != "text/markdown" or not (found.description or "").startswith("# trialflow"):
        wrong.append("the README is not the description")
    if found.license_expression != "MIT":
        wrong.append("the licence is not named")
    return wrong


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
