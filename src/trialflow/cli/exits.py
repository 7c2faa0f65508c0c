"""Exit codes, and how an error is told: what is wrong and what to do, one line per problem."""

from __future__ import annotations

import json
import sys
from typing import Any, ClassVar

import attrs

from trialflow.model.errors import (
    Conflict,
    DecodeError,
    ImportRejected,
    LeadNotFound,
    PluginError,
    Problem,
    Refused,
    SourceError,
    StorageError,
    TrialflowError,
    Unsupported,
)

__all__ = [
    "EPILOG",
    "EXITS",
    "INTERRUPTED",
    "OK",
    "REFUSED",
    "UNUSABLE",
    "USAGE",
    "ConfigInvalid",
    "FileUnusable",
    "UsageError",
    "for_shell",
    "tell",
]

OK, REFUSED, USAGE, UNUSABLE, INTERRUPTED = 0, 1, 2, 3, 130

EXITS = {
    OK: "done",
    REFUSED: "refused, or a check found something; nothing was changed",
    USAGE: "the command line is wrong",
    UNUSABLE: "a file, a store or an extra cannot be used",
    INTERRUPTED: "stopped by Ctrl-C; what was recorded before stays recorded",
}
"""Every exit code and its meaning."""

EPILOG = "exit codes:\n" + "\n".join(f"  {code:<4} {meaning}" for code, meaning in EXITS.items())
"""The end of every help text."""

_CODES: tuple[tuple[type[TrialflowError], int], ...] = (
    (ImportRejected, UNUSABLE),
    (StorageError, UNUSABLE),
    (Unsupported, UNUSABLE),
    (DecodeError, UNUSABLE),
    (PluginError, UNUSABLE),
    (SourceError, UNUSABLE),
    (Refused, REFUSED),
    (Conflict, REFUSED),
    (LeadNotFound, REFUSED),
)


_OPTIONS = {
    "authority_ref": "--authority REF",
    "text_version or evidence_ref": "--evidence REF",
    "or act on_behalf_of": "or say --by with their id",
    "give visit_at": "record it with `trialflow schedule LEAD WHEN`",
}


class UsageError(TrialflowError):
    """The command line is wrong in a way argparse cannot see; the message says what to write instead."""

    code = "usage"


class FileUnusable(TrialflowError):
    """A file that was named cannot be read or written."""

    code = "file_unusable"


@attrs.define(eq=False, str=False)
class ConfigInvalid(TrialflowError):
    """The configuration file has problems; all of them are here, each with its path in the file."""

    code: ClassVar[str] = "config_invalid"
    file: str
    problems: tuple[Problem, ...]

    def __str__(self) -> str:
        head = f"the configuration {self.file} has {len(self.problems)} problem(s):"
        return "\n".join([head, *(f"  {problem}" for problem in self.problems)])


def for_shell(text: str) -> str:
    """A rule's advice with the names of this command line: ``--authority`` for ``authority_ref``."""
    for name, option in _OPTIONS.items():
        text = text.replace(name, option)
    return text


def tell(error: TrialflowError, command: str, *, as_json: bool) -> int:
    """Print ``error`` to standard error, as words or as a document; the exit code."""
    if as_json:
        print(json.dumps(_document(error), ensure_ascii=False), file=sys.stderr)
    else:
        print(f"trialflow {command}: {for_shell(_words(error))}", file=sys.stderr)
    if isinstance(error, UsageError):
        return USAGE
    if isinstance(error, FileUnusable | ConfigInvalid):
        return UNUSABLE
    return next((code for kind, code in _CODES if isinstance(error, kind)), REFUSED)


def _words(error: TrialflowError) -> str:
    """The message for a person at the shell: a store's outcome is for programs, unless it has to be looked at."""
    if not isinstance(error, StorageError):
        return str(error)
    look = "; it may be recorded all the same: look with `trialflow lead` before you repeat it"
    return error.detail + (look if error.outcome == "unknown" else "")


def _document(error: TrialflowError) -> dict[str, Any]:
    found = getattr(error, "problems", None) or getattr(error, "refusals", None) or ()
    return {
        "format": "trialflow.error/1",
        "code": error.code,
        "message": str(error),
        "problems": [attrs.asdict(problem) for problem in found],
    }
