"""Quick loader, replaced by the complete one."""

from __future__ import annotations

import functools
import re
import tomllib
from importlib.resources import files
from typing import Any

from trialflow.rules import workflow as w

__all__ = ["default_workflow", "loads"]


def span(text: str) -> w.Span:
    m = re.fullmatch(r"(\d+) (working )?(days|hours)", text)
    if not m:
        raise ValueError(text)
    return w.Span(amount=int(m[1]), unit=m[3], clock="working" if m[2] else "elapsed")  # type: ignore[arg-type]


_SPANS = ("stale_after", "within", "ask_after", "escalate_after", "default_after", "due")


def _make(cls: Any, data: dict[str, Any]) -> Any:
    values = {}
    for key, value in data.items():
        name = "from_" if key == "from" else key
        if name in _SPANS:
            value = span(value)
        elif isinstance(value, list):
            value = tuple(value)
        values[name] = value
    return cls(**values)


def _table(cls: Any, data: dict[str, Any], key: str = "code") -> Any:
    return tuple(_make(cls, {key: code, **row}) for code, row in data.items())


def loads(text: str, *, guards: Any = ()) -> w.Workflow:
    d = tomllib.loads(text)
    return w.Workflow(
        name=d["name"],
        version=d["version"],
        statuses=_table(w.Status, d["statuses"]),
        moves=_table(w.Move, d["moves"], "name"),
        items=_table(w.Item, d["items"]),
        blockers=_table(w.BlockerKind, d["blockers"]),
        close_reasons=_table(w.CloseReason, d["close_reasons"]),
        contact=_make(w.ContactPolicy, d["contact"]),
        staleness=_make(w.Staleness, d["staleness"]),
        slas=_table(w.Sla, d["slas"]),
        buckets=tuple(_make(w.BucketRule, {**b, "when": _make(w.When, b["when"])}) for b in d["buckets"]),
        shown=tuple(d["shown"]["buckets"]),
        actions=tuple(_make(w.ActionRule, {**b, "when": _make(w.ActionWhen, b["when"])}) for b in d["actions"]),
        roles=_table(w.Role, d["roles"]),
        site=_make(w.Site, d["site"]),
    )


@functools.cache
def default_workflow() -> w.Workflow:
    return loads(files("trialflow.rules").joinpath("default.toml").read_text("utf-8"))
