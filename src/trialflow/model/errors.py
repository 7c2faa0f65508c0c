"""Every error trialflow raises on purpose.

TrialflowError
├── WorkflowError(problems)                     a workflow definition cannot be used
├── Refused(command, status, refusals)          a rule said no; every missing thing is named
├── Conflict(stream, expected, actual)          somebody else appended first
├── KeyReused(stream, key)                      an idempotency key stands for something else already
├── LeadNotFound(lead_id)
├── DecodeError(problems)                       stored or sent data does not fit its type
├── ImportRejected(problems)                    a file cannot be imported as it is
├── PluginError(problems)
├── Unsupported(capability)                     an extra or an optional protocol is missing
├── StorageError(outcome, detail)               outcome is "not stored" or "unknown"
└── SourceError(source, detail, report)         a lead source cannot answer; what it gave before stays recorded

Each class has a stable ``code``; problems and refusals carry codes of their own. Messages say what to do
next and hold no personal data. ``docs/errors.md`` lists every code, and a test compares the lists.
"""

from __future__ import annotations

import re
from typing import Any, ClassVar, Literal

import attrs

_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[A-Z]{0,4}-?[0-9]{1,6}")
"""An id of ours, or a short number as a site gives it: neither a name nor a telephone number."""

__all__ = [
    "Conflict",
    "DecodeError",
    "ImportRejected",
    "KeyReused",
    "LeadNotFound",
    "PluginError",
    "Problem",
    "Refusal",
    "Refused",
    "SourceError",
    "StorageError",
    "TrialflowError",
    "Unsupported",
    "WorkflowError",
]


@attrs.frozen
class Problem:
    """One thing wrong with a definition, a file or a stored value.

    ``path`` says where (``moves.submit.to``, ``line 14, column Status``), ``code`` is stable, ``message``
    says what to do.
    """

    path: str
    code: str
    message: str

    def __str__(self) -> str:
        return f"{self.path}: {self.message} [{self.code}]" if self.path else f"{self.message} [{self.code}]"


@attrs.frozen
class Refusal:
    """One reason why a command is refused: ``code``, what is wrong, and ``fix``: what would mend it."""

    code: str
    message: str
    fix: str = ""

    def __str__(self) -> str:
        return f"{self.message} [{self.code}]" + (f" - {self.fix}" if self.fix else "")


class TrialflowError(Exception):
    """The base of all errors of trialflow."""

    code: ClassVar[str] = "trialflow_error"


def _listed(head: str, rows: tuple[object, ...]) -> str:
    return "\n".join([head, *(f"  {row}" for row in rows)])


@attrs.define(eq=False, str=False)
class WorkflowError(TrialflowError):
    """A workflow definition has problems; all of them are here."""

    code: ClassVar[str] = "workflow_invalid"
    problems: tuple[Problem, ...]

    def __str__(self) -> str:
        return _listed(f"the workflow has {len(self.problems)} problem(s):", self.problems)


@attrs.define(eq=False, str=False)
class Refused(TrialflowError):
    """A command was refused; nothing changed. ``refusals`` names every missing thing."""

    code: ClassVar[str] = "refused"
    command: str
    status: str
    refusals: tuple[Refusal, ...]

    def __str__(self) -> str:
        return _listed(f"{self.command} is refused while the status is {self.status}:", self.refusals)


@attrs.define(eq=False, str=False)
class Conflict(TrialflowError):
    """Another writer appended first. Read the lead again, decide again."""

    code: ClassVar[str] = "conflict"
    stream: str
    expected: int
    actual: int

    def __str__(self) -> str:
        return (
            f"{self.stream} is at version {self.actual}, not {self.expected}: "
            "somebody changed it meanwhile; read it again and decide again"
        )


@attrs.define(eq=False, str=False)
class KeyReused(TrialflowError):
    """An idempotency key was used before, for something else; nothing was stored. The key stays out of the message."""

    code: ClassVar[str] = "key_reused"
    stream: str
    key: str = attrs.field(repr=False)

    def __str__(self) -> str:
        return f"{self.stream}: this idempotency key stands for another append already; use a new key"


@attrs.define(eq=False, str=False)
class LeadNotFound(TrialflowError):
    """No stream holds a lead of this id."""

    code: ClassVar[str] = "lead_not_found"
    lead_id: str = attrs.field(repr=False)

    def __str__(self) -> str:
        # Only an id is repeated: somebody may have typed a name or a telephone number.
        named = f"no lead {self.lead_id}" if _ID.fullmatch(self.lead_id) else "no such lead"
        return f"{named}; `trialflow worklist` lists the ids in use"


@attrs.define(eq=False, str=False)
class DecodeError(TrialflowError):
    """Stored or sent data does not fit its type; every place is listed."""

    code: ClassVar[str] = "decode_failed"
    problems: tuple[Problem, ...]

    def __str__(self) -> str:
        return _listed("the data does not fit:", self.problems)


@attrs.define(eq=False, str=False)
class ImportRejected(TrialflowError):
    """A file cannot be imported as it is; nothing was recorded."""

    code: ClassVar[str] = "import_rejected"
    problems: tuple[Problem, ...]

    def __str__(self) -> str:
        return _listed("the file was not imported:", self.problems)


@attrs.define(eq=False, str=False)
class PluginError(TrialflowError):
    """A plugin is unusable and the caller asked to be told."""

    code: ClassVar[str] = "plugin_failed"
    problems: tuple[Problem, ...]

    def __str__(self) -> str:
        return _listed("plugins failed:", self.problems)


@attrs.define(eq=False, str=False)
class Unsupported(TrialflowError):
    """Something optional is missing; ``fix`` says how to get it."""

    code: ClassVar[str] = "unsupported"
    capability: str
    fix: str = ""

    def __str__(self) -> str:
        return f"{self.capability} is not available" + (f": {self.fix}" if self.fix else "")


@attrs.define(eq=False, str=False)
class StorageError(TrialflowError):
    """A store failed. A retry with the same idempotency key is safe whatever ``outcome`` says."""

    code: ClassVar[str] = "storage_failed"
    outcome: Literal["not stored", "unknown"]
    detail: str

    def __str__(self) -> str:
        return f"{self.detail} (outcome: {self.outcome}; a retry is safe)"


@attrs.define(eq=False, str=False)
class SourceError(TrialflowError):
    """A lead source cannot answer. ``detail`` says what to do and holds no secret; ``report`` is the ``PullReport`` of
    what was taken before, where a pull was under way: that stays recorded, and the next pull goes on behind it."""

    code: ClassVar[str] = "source_failed"
    source: str
    detail: str
    report: Any = None

    def __str__(self) -> str:
        return f"the lead source {self.source} failed: {self.detail}"
