"""What changed between two workflows, and which statuses would leave stored leads stranded."""

from __future__ import annotations

from typing import Any, Literal

import attrs

from trialflow.rules.workflow import Workflow

__all__ = ["Change", "WorkflowDiff", "diff"]


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
        return f"{self.kind} {self.path}: {self.before!r} -> {self.after!r}"


@attrs.frozen(kw_only=True)
class WorkflowDiff:
    """All changes; ``stranded`` are old statuses the new workflow neither has nor renames: leads there get unmapped."""

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
        changes += _compare(field.name, before, after, dict(renamed))
    known = {status.code for status in new.statuses}
    stranded = [s.code for s in old.statuses if s.code not in known and new.renamed.get(s.code) not in known]
    return WorkflowDiff(changes=tuple(changes), stranded=tuple(stranded))


def _compare(path: str, before: Any, after: Any, renamed: dict[str, str]) -> list[Change]:
    if before == after:
        return []
    if isinstance(before, tuple) and isinstance(after, tuple) and any(map(_key, (*before, *after))):
        return _tables(path, _by_key(before), _by_key(after), renamed)
    if attrs.has(type(before)) and type(before) is type(after):
        names = [f.name for f in attrs.fields(type(before))]
        return [
            c for name in names for c in _compare(f"{path}.{name}", getattr(before, name), getattr(after, name), {})
        ]
    return [Change(path=path, kind="changed", before=before, after=after)]


def _tables(path: str, before: dict[str, Any], after: dict[str, Any], renamed: dict[str, str]) -> list[Change]:
    changes: list[Change] = []
    for key, value in before.items():
        successor = renamed.get(key, key)
        if key not in after and successor in after:
            changes.append(Change(path=f"{path}.{key}", kind="renamed", before=key, after=successor))
        elif key not in after:
            changes.append(Change(path=f"{path}.{key}", kind="removed", before=value))
        else:
            changes += _compare(f"{path}.{key}", value, after[key], {})
    new = [key for key in after if key not in before and key not in {renamed.get(k) for k in before}]
    changes += [Change(path=f"{path}.{key}", kind="added", after=after[key]) for key in new]
    common = [k for k in before if k in after]
    if common != [k for k in after if k in before]:
        changes.append(
            Change(path=f"{path} (order)", kind="changed", before=common, after=[k for k in after if k in before])
        )
    return changes


def _key(value: Any) -> str:
    return str(getattr(value, "code", "") or getattr(value, "name", ""))


def _by_key(rows: tuple[Any, ...]) -> dict[str, Any]:
    """Rows by code; several rules of one code (buckets, actions) are numbered."""
    found: dict[str, Any] = {}
    for row in rows:
        key, n = _key(row), 2
        while key in found:
            key, n = f"{_key(row)}#{n}", n + 1
        found[key] = row
    return found
