"""Wheels of this package and of the adapters under examples/, and what they need, built once."""

from __future__ import annotations

from pathlib import Path

import pytest

from fresh_env import ROOT, build, pack

ADAPTERS = ("lmdb", "kobo", "xlsx")
_BESIDE = ("hatchling", "editables", "lmdb", "XlsxWriter", "openpyxl", "pytest", "hypothesis")


@pytest.fixture(scope="session")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of wheels: all that an environment of these tests can install from."""
    folder = tmp_path_factory.mktemp("wheels")
    build(ROOT, folder)
    for name in ADAPTERS:
        build(ROOT / "examples" / "adapters" / name, folder)
    pack(("attrs", "cattrs", "pluggy", "python-dateutil", "typing-extensions", "tzdata", *_BESIDE), folder)
    return folder
