"""The mapping file: what a site's headings and words mean. The tool writes it; a person corrects it."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any, cast, get_args

import attrs

from trialflow.adapters.sources.dates import DateOrder
from trialflow.adapters.sources.header import FIELDS
from trialflow.model.errors import ImportRejected, Problem

__all__ = ["Mapping", "read_mapping", "write_mapping"]

_WORDS = ("status", "source", "owner", "prescreen", "records", "reason")
_MOST_BYTES = 256_000
_ALLOWED = {
    "prescreen": ("none", "started", "completed"),
    "records": ("needed", "requested", "received", "reviewed", "not_needed"),
}
_ORDERS = tuple(order for order in get_args(DateOrder) if order != "any")


@attrs.frozen(kw_only=True)
class Mapping:
    """Headings to fields (or ``ignore``), words to codes, date orders per field (``*``: all), how to read the file."""

    columns: dict[str, str] = attrs.field(factory=dict)
    words: dict[str, dict[str, str]] = attrs.field(factory=dict)
    dates: dict[str, DateOrder] = attrs.field(factory=dict)
    encoding: str = ""
    delimiter: str = ""
    sheet: str = ""
    header_line: int = 0

    def aliases(self, field: str) -> dict[str, str]:
        """The declared words of one field."""
        return self.words.get(field, {})


def read_mapping(path: str | Path) -> Mapping:
    """Read a mapping file. Raises :class:`ImportRejected` with every problem in it."""
    path = Path(path)
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise ImportRejected((Problem(path.name, "file_unreadable", f"cannot be read: {error.strerror}"),)) from None
    if len(raw) > _MOST_BYTES:
        raise ImportRejected((Problem(path.name, "mapping_invalid", "the mapping file is far too large"),))
    try:
        data = tomllib.loads(raw.decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ImportRejected((Problem(path.name, "mapping_invalid", f"not valid TOML: {error}"),)) from None
    problems = tuple(_problems(data))
    if problems:
        raise ImportRejected(problems)
    file = data.get("file", {})
    return Mapping(
        columns={h: f for h, f in data.get("columns", {}).items() if f},
        words={field: {w: c for w, c in data.get(field, {}).items() if c} for field in _WORDS if field in data},
        dates={f: cast(DateOrder, o.upper()) for f, o in data.get("dates", {}).items() if o},
        encoding=file.get("encoding", ""),
        delimiter=file.get("delimiter", ""),
        sheet=file.get("sheet", ""),
        header_line=file.get("header_line", 0),
    )


def _problems(data: dict[str, Any]) -> Iterable[Problem]:
    known = ("columns", "dates", "file", *_WORDS)
    for name, table in data.items():
        if name not in known:
            yield Problem(name, "mapping_unknown_key", f"no such section; there are: {', '.join(known)}")
        elif not isinstance(table, dict):
            yield Problem(name, "mapping_bad_value", "this is a section: write it as [section]")
        elif name == "file":
            yield from _file_problems(table)
        else:
            yield from _table_problems(name, table)


def _file_problems(table: dict[str, Any]) -> Iterable[Problem]:
    kinds = {"encoding": str, "delimiter": str, "sheet": str, "header_line": int}
    for key, value in table.items():
        if key not in kinds:
            yield Problem(f"file.{key}", "mapping_unknown_key", f"no such key; there are: {', '.join(kinds)}")
        elif type(value) is not kinds[key]:
            yield Problem(f"file.{key}", "mapping_bad_value", f"expected {kinds[key].__name__}")


def _table_problems(name: str, table: dict[str, Any]) -> Iterable[Problem]:
    allowed: tuple[str, ...] = {"columns": ("ignore", *FIELDS), "dates": (*_ORDERS, *map(str.lower, _ORDERS))}.get(
        name, _ALLOWED.get(name, ())
    )
    for key, value in table.items():
        path = f"{name}.{key}"
        if type(value) is not str:
            yield Problem(path, "mapping_bad_value", "expected a text in quotation marks")
        elif value and allowed and value not in allowed:
            yield Problem(path, "mapping_bad_value", f"{value!r} is not one of: {', '.join(allowed)}")
        elif name == "dates" and key != "*" and key not in FIELDS:
            yield Problem(path, "mapping_unknown_key", f"no such field; there are: {', '.join(FIELDS)}, or *")


def write_mapping(
    *,
    columns: dict[str, str],
    ignored: Iterable[str],
    unknown: dict[str, Iterable[str]],
    known: dict[str, dict[str, str]],
    dates: dict[str, str],
) -> str:
    """The text of a mapping file: what was recognised, and blanks where a person has to say. Deterministic."""
    lines = ["# What this site's tracker means. Fill the blanks, correct what is wrong, import with --mapping.", ""]
    lines += ["[columns]", f"# heading = field, or ignore. Fields: {', '.join(FIELDS)}"]
    lines += [f"{_quoted(h)} = {_quoted(f)}" for f, h in columns.items()]
    lines += [f"{_quoted(h)} = {_quoted('ignore')}" for h in ignored]
    lines += ["", "[dates]", f"# field = {' | '.join(_ORDERS)}"]
    lines += [f"{f} = {_quoted(o)}" for f, o in dates.items() if o in _ORDERS]
    for field in _WORDS:
        words, blanks = known.get(field, {}), sorted(unknown.get(field, ()))
        if words or blanks:
            lines += ["", f"[{field}]"]
            lines += [f"{_quoted(w)} = {_quoted(c)}" for w, c in sorted(words.items())]
            lines += [f"{_quoted(w)} = {_quoted('')}  # not known yet" for w in blanks]
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    # A JSON string is a TOML basic string, apart from DEL.
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
