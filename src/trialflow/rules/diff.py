"""What changed between two workflows, and which statuses would leave stored leads stranded."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Literal

import attrs

from trialflow.model.lead import Lead
from trialflow.rules.parts import Span
from trialflow.rules.workflow import Workflow, keyed

__all__ = ["Change", "WorkflowDiff", "diff", "stranded", "written"]


@attrs.frozen(kw_only=True)
class Change:
    """One difference: where (``statuses.new.label``), how, and the values before and after (None: not there)."""

    path: str
    kind: Literal["added", "removed", "renamed", "changed"]
    before: Any = None
    after: Any = None

    def __str__(self) -> str:
        if self.kind in ("added", "removed"):
            return f"{self.kind} {self.path}"
        return f"{self.kind} {self.path}: {written(self.before) or 'not set'} -> {written(self.after) or 'not set'}"


@attrs.frozen(kw_only=True)
class WorkflowDiff:
    """All changes; ``stranded`` are stored statuses that the new workflow neither has nor renames: their leads would
    land in *unmapped*."""

    changes: tuple[Change, ...]
    stranded: tuple[str, ...]

    def lines(self) -> list[str]:
        """One line a change, then one a stranded status."""
        mend = "leads there would be unmapped; add it, or name its successor under [renamed]"
        return [*map(str, self.changes), *(f"stranded {code}: {mend}" for code in self.stranded)]


def diff(old: Workflow, new: Workflow) -> WorkflowDiff:
    """The differences from ``old`` to ``new``, in the order of the definition."""
    changes: list[Change] = []
    for field in attrs.fields(Workflow):
        before, after = getattr(old, field.name), getattr(new, field.name)
        renamed = new.renamed if field.name == "statuses" else {}
        changes += _compare(field.name, before, after, renamed)
    # The ledger keeps the words it was given: what the old workflow had renamed may still be stored.
    stored = dict.fromkeys((*(status.code for status in old.statuses), *old.renamed))
    lost = tuple(code for code in stored if new.status(code) is None)
    return WorkflowDiff(changes=tuple(changes), stranded=lost)


def stranded(leads: Iterable[Lead], workflow: Workflow) -> dict[str, tuple[str, ...]]:
    """The ids of leads in a status that ``workflow`` neither has nor renames, by that status."""
    found: dict[str, list[str]] = {}
    for lead in leads:
        if workflow.status(lead.status) is None:
            found.setdefault(lead.status, []).append(lead.id)
    return {status: tuple(sorted(ids)) for status, ids in sorted(found.items())}


def _compare(path: str, before: Any, after: Any, renamed: Mapping[str, str] = {}) -> list[Change]:
    if before == after:
        return []
    if isinstance(before, tuple) and isinstance(after, tuple) and any(attrs.has(type(v)) for v in (*before, *after)):
        return _tables(path, keyed(before), keyed(after), renamed)
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        return _tables(path, dict(before), dict(after), {})
    if attrs.has(type(before)) and type(before) is type(after) and not isinstance(before, Span):
        names = [field.name for field in attrs.fields(type(before))]
        pairs = [(f"{path}.{name.rstrip('_')}", getattr(before, name), getattr(after, name)) for name in names]
        return [change for here, a, b in pairs for change in _compare(here, a, b)]
    return [Change(path=path, kind="changed", before=before, after=after)]


def _tables(path: str, before: dict[str, Any], after: dict[str, Any], renamed: Mapping[str, str]) -> list[Change]:
    changes: list[Change] = []
    for key, value in before.items():
        successor = renamed.get(key)
        if key in after:
            changes += _compare(f"{path}.{key}", value, after[key])
        elif successor in after:
            changes.append(Change(path=f"{path}.{key}", kind="renamed", before=key, after=successor))
            if successor not in before:
                changes += _compare(f"{path}.{successor}", attrs.evolve(value, code=successor), after[successor])
        else:
            changes.append(Change(path=f"{path}.{key}", kind="removed", before=value))
    heirs = {renamed.get(key) for key in before if key not in after}
    new = [key for key in after if key not in before and key not in heirs]
    changes += [Change(path=f"{path}.{key}", kind="added", after=after[key]) for key in new]
    then, now = [k for k in before if k in after], [k for k in after if k in before]
    if then != now:
        changes.append(Change(path=f"{path} (order)", kind="changed", before=tuple(then), after=tuple(now)))
    return changes


def written(value: Any) -> str | None:
    """A value as one would write it in TOML; None for what is not set, and for a whole row."""
    return None if value is None or (attrs.has(type(value)) and not isinstance(value, Span)) else _text(value)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, Span):
        return f'"{value.amount} {"working " if value.clock == "working" else ""}{value.unit}"'
    if isinstance(value, tuple):
        return f"[{', '.join(map(_text, value))}]"
    return str(value)
