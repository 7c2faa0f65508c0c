"""Printing what programs read: one document, or bytes."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from typing import Any

__all__ = ["print_json", "write_bytes"]


def write_bytes(content: bytes) -> None:
    """Bytes to standard output, as they are: a plugin's format need not be text."""
    sys.stdout.flush()
    sys.stdout.buffer.write(content)
    sys.stdout.buffer.flush()


def print_json(document: Mapping[str, Any]) -> None:
    """One document to standard output."""
    print(json.dumps(document, ensure_ascii=False, indent=1))
