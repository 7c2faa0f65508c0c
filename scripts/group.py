"""Print a dependency group of pyproject.toml for a pip that knows no groups: ``pip install $(... group.py bench)``."""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path

project = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text("utf-8"))
print(*project["dependency-groups"][sys.argv[1]])
