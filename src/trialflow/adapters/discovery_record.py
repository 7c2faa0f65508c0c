"""Whether an installed distribution is still what it was when somebody looked at it: its RECORD and the files in it.

RECORD is the file in which an installer notes every file of a distribution with its hash. An allow-list may pin its own
SHA-256; then the files have to be what it says, too. Compiled caches (``.pyc``) have no hash there: they are not looked
at.
"""

from __future__ import annotations

import base64
import csv
import hashlib
from collections.abc import Iterator
from importlib.metadata import Distribution
from pathlib import Path

__all__ = ["record_digest", "record_fault"]

_RECORD = "RECORD"


def record_digest(found: Distribution) -> str:
    """The SHA-256 of a distribution's RECORD, in hex; empty where it has none."""
    text = found.read_text(_RECORD)
    return hashlib.sha256(text.encode()).hexdigest() if text else ""


def record_fault(found: Distribution, pinned: str) -> str:
    """What differs from the pinned RECORD; empty when nothing does."""
    digest = record_digest(found)
    if not digest:
        return "it has no RECORD to compare"
    if digest != pinned:
        return f"its RECORD is {digest}, not {pinned}"
    changed = [path for path, kept in _listed(found) if kept and not _as_recorded(found, path, kept)]
    return f"changed since it was installed: {', '.join(sorted(changed)[:5])}" if changed else ""


def _listed(found: Distribution) -> Iterator[tuple[str, str]]:
    """The files of RECORD with their hashes; ``Distribution.files`` leaves out what is gone since Python 3.12."""
    for row in csv.reader((found.read_text(_RECORD) or "").splitlines()):
        if len(row) > 1:
            yield row[0], row[1]


def _as_recorded(found: Distribution, path: str, kept: str) -> bool:
    kind, _, wanted = kept.partition("=")
    try:
        digest = hashlib.new(kind, Path(str(found.locate_file(path))).read_bytes()).digest()
    except (OSError, ValueError):  # gone, or hashed in a way nobody knows
        return False
    return base64.urlsafe_b64encode(digest).decode().rstrip("=") == wanted
