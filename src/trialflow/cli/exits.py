"""Exit codes, and how an error is told: what is wrong and what to do, one line per problem."""

from __future__ import annotations

import json
import sys
from typing import Any

import attrs

from trialflow.model.errors import (
    Conflict,
    DecodeError,
    ImportRejected,
    LeadNotFound,
    Refused,
    StorageError,
    TrialflowError,
    Unsupported,
)

__all__ = ["EXITS", "OK", "REFUSED", "UNUSABLE", "USAGE", "UsageError", "tell"]

OK, REFUSED, USAGE, UNUSABLE = 0, 1, 2, 3

EXITS = {
    OK: "done",
    REFUSED: "refused, or a check found something: nothing was changed",
    USAGE: "the command line is wrong",
    UNUSABLE: "a file or a store cannot be used",
}
"""Every exit code and its meaning."""

_CODES: tuple[tuple[type[TrialflowError], int], ...] = (
    (ImportRejected, UNUSABLE),
    (StorageError, UNUSABLE),
    (Unsupported, UNUSABLE),
    (DecodeError, UNUSABLE),
    (Refused, REFUSED),
    (Conflict, REFUSED),
    (LeadNotFound, REFUSED),
)


class UsageError(Exception):
    """The command line is wrong in a way argparse cannot see."""


def tell(error: TrialflowError, *, as_json: bool) -> int:
    """Print ``error`` to standard error; the exit code."""
    if as_json:
        print(json.dumps(_document(error), ensure_ascii=False), file=sys.stderr)
    else:
        print(f"trialflow: {error}", file=sys.stderr)
    return next((code for kind, code in _CODES if isinstance(error, kind)), REFUSED)


def _document(error: TrialflowError) -> dict[str, Any]:
    found = getattr(error, "problems", None) or getattr(error, "refusals", None) or ()
    return {
        "format": "trialflow.error/1",
        "code": error.code,
        "message": str(error),
        "problems": [attrs.asdict(problem) for problem in found],
    }
