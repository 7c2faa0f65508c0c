"""The mapping file: what a site's headings and words mean. The tool writes it; a person corrects it.

Reading it reports every mistake at once, each with its path. :mod:`trialflow.adapters.sources.mapping_file` writes it.
"""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, cast, get_args

import attrs

from trialflow.adapters.sources.dates import DateOrder
from trialflow.adapters.sources.header import FIELDS, SEVERAL
from trialflow.adapters.sources.spelling import match_key
from trialflow.model.errors import ImportRejected, Problem
from trialflow.rules.workflow import Workflow

__all__ = ["CODES", "ORDERS", "WORDS", "Mapping", "read_mapping"]

WORDS = ("status", "source", "owner", "prescreen", "records", "reason")
"""The fields whose words a mapping file may explain."""
CODES = {
    "prescreen": ("none", "started", "completed"),
    "records": ("needed", "requested", "received", "reviewed", "not_needed"),
}
"""What the words of these fields may mean; statuses and reasons are the workflow's."""
ORDERS = tuple(order for order in get_args(DateOrder) if order != "any")
"""How all-numeric dates may be written."""
_DATES = ("received", "last_contact", "visit", "birth_date", "*")
_DELIMITERS = (",", ";", "\t", "|")
_MOST_BYTES = 256_000
_DOTS = 64
"""Dots in one line: dotted keys cost the TOML reader the square of their length."""


@attrs.frozen(kw_only=True)
class Mapping:
    """Headings to fields (or ``ignore``), words to codes, date orders per field (``*``: all), how to read the file.

    A status word may mean a status (``contacting``), a closing with its reason (``closed:declined``), or preparing
    with the state of the records (``preparing:requested``).
    """

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


def read_mapping(path: str | Path, workflow: Workflow | None = None) -> Mapping:
    """Read a mapping file. Raises :class:`ImportRejected` with every problem in it.

    With ``workflow``, statuses and reasons must be its codes.
    """
    path = Path(path)
    try:
        with path.open("rb") as file:
            raw = file.read(_MOST_BYTES + 1)
    except OSError as error:
        raise ImportRejected((Problem(path.name, "file_unreadable", f"cannot be read: {error.strerror}"),)) from None
    if len(raw) > _MOST_BYTES:
        message = f"a mapping file has at most {_MOST_BYTES:,} bytes; is this one?"
        raise ImportRejected((Problem(path.name, "mapping_invalid", message),))
    if any(line.count(b".") > _DOTS for line in raw.splitlines()):
        raise ImportRejected((Problem(path.name, "mapping_invalid", f"a line has more than {_DOTS} dots"),))
    try:
        data = tomllib.loads(raw.decode("utf-8-sig").replace("\r\n", "\n"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ImportRejected((Problem(path.name, "mapping_invalid", f"not valid TOML: {error}"),)) from None
    problems = tuple(_problems(data, workflow))
    if problems:
        raise ImportRejected(problems)
    return _made(data)


def _made(data: dict[str, Any]) -> Mapping:
    file = data.get("file", {})
    return Mapping(
        columns={h: f for h, f in data.get("columns", {}).items() if f},
        words={field: {w: c for w, c in data[field].items() if c} for field in WORDS if field in data},
        dates={f: cast(DateOrder, o.upper()) for f, o in data.get("dates", {}).items() if o},
        encoding=file.get("encoding", ""),
        delimiter=file.get("delimiter", ""),
        sheet=file.get("sheet", ""),
        header_line=file.get("header_line", 0),
    )


def _problems(data: dict[str, Any], workflow: Workflow | None) -> Iterator[Problem]:
    known = ("file", "columns", "dates", *WORDS)
    for name, table in data.items():
        if name not in known:
            yield Problem(name, "mapping_unknown_key", f"no such section; there are: {', '.join(known)}")
        elif not isinstance(table, dict):
            yield Problem(name, "mapping_bad_value", f"this is a section: write it as [{name}]")
        elif name == "file":
            yield from _file_problems(table)
        else:
            yield from _table_problems(name, table, workflow)
    if isinstance(data.get("columns"), dict):
        yield from _column_problems(data["columns"])


def _file_problems(table: dict[str, Any]) -> Iterator[Problem]:
    kinds: dict[str, type] = {"encoding": str, "delimiter": str, "sheet": str, "header_line": int}
    for key, value in table.items():
        path = f"file.{key}"
        if key not in kinds:
            yield Problem(path, "mapping_unknown_key", f"no such key; there are: {', '.join(kinds)}")
        elif type(value) is not kinds[key]:
            what = "a text in quotation marks" if kinds[key] is str else "a whole number"
            yield Problem(path, "mapping_bad_value", f"expected {what}")
        elif key == "encoding" and value and not _is_encoding(str(value)):
            yield Problem(path, "mapping_bad_value", "no such encoding; try utf-8, utf-16 or cp1252")
        elif key == "delimiter" and value and value not in _DELIMITERS:
            yield Problem(path, "mapping_bad_value", "one of , ; | or a tab (written \\t) separates the cells")
        elif isinstance(value, int) and value < 0:
            yield Problem(path, "mapping_bad_value", "lines count from 1; 0 lets the header be found")


def _is_encoding(name: str) -> bool:
    try:
        "".encode(name)
    except (LookupError, ValueError):
        return False
    return True


def _table_problems(name: str, table: dict[str, Any], workflow: Workflow | None) -> Iterator[Problem]:
    allowed = _allowed(name, workflow)
    for key, value in table.items():
        path = f"{name}.{key}"
        if type(value) is not str:
            yield Problem(path, "mapping_bad_value", "expected a text in quotation marks")
        elif name == "dates" and key not in _DATES:
            yield Problem(path, "mapping_unknown_key", f"no such field; there are: {', '.join(_DATES)}")
        elif name == "status":
            yield from _status_problems(path, value, allowed, workflow)
        elif value and allowed and (value.upper() if name == "dates" else value) not in allowed:
            yield Problem(path, "mapping_bad_value", f"{value!r} is not one of: {', '.join(allowed)}")


def _allowed(name: str, workflow: Workflow | None) -> tuple[str, ...]:
    fixed = {"columns": ("ignore", *FIELDS), "dates": ORDERS, **CODES}
    if workflow is not None:
        fixed["status"] = tuple(s.code for s in workflow.statuses)
        fixed["reason"] = tuple(r.code for r in workflow.close_reasons)
    return fixed.get(name, ())


def _status_problems(path: str, value: str, allowed: Iterable[str], workflow: Workflow | None) -> Iterator[Problem]:
    """``status``, ``status:reason`` where it ends the lead, ``preparing:records``."""
    if not value or workflow is None:
        return
    status, _, extra = value.partition(":")
    if status not in allowed:
        yield Problem(path, "mapping_bad_value", f"{status!r} is not one of: {', '.join(allowed)}")
    elif extra:
        wanted = _allowed("reason", workflow) if workflow.is_final(status) else CODES["records"]
        if extra not in wanted:
            yield Problem(path, "mapping_bad_value", f"after the colon, {extra!r} is not one of: {', '.join(wanted)}")


def _column_problems(columns: dict[str, Any]) -> Iterator[Problem]:
    fields = Counter(f for f in columns.values() if isinstance(f, str) and f not in ("", "ignore", *SEVERAL))
    for field, count in fields.items():
        if count > 1:
            headings = ", ".join(repr(h) for h, f in columns.items() if f == field)
            yield Problem(
                f"columns.{field}", "mapping_bad_value", f"{headings} cannot all hold {field}; keep one of them"
            )
    spellings = Counter(match_key(h) for h in columns)
    for heading in columns:
        if spellings[match_key(heading)] > 1:
            yield Problem(f"columns.{heading}", "mapping_bad_value", "the same heading stands here twice")
