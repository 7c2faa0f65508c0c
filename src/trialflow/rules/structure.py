"""From the tables of a TOML document to the values of a workflow, strictly, with every misfit as a problem.

What does not fit is replaced by something harmless, so that the checks of :mod:`trialflow.rules.checking` can look at
the rest; the path of each misfit is kept, so that nothing is reported twice.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, get_type_hints

import attrs
from cattrs.errors import AttributeValidationNote, ClassValidationError, ForbiddenExtraKeysError

from trialflow.model.errors import Problem
from trialflow.rules import parts
from trialflow.rules.toml_values import KINDS, BadSpan, converter, described, inner_type, kind_of, stand_in
from trialflow.rules.vocabulary import Speller
from trialflow.rules.workflow import Workflow

__all__ = ["structure"]

_TABLES: Mapping[str, type] = {
    "statuses": parts.Status,
    "moves": parts.Move,
    "items": parts.Item,
    "blockers": parts.BlockerKind,
    "close_reasons": parts.CloseReason,
    "slas": parts.Sla,
    "roles": parts.Role,
}
_LISTS: Mapping[str, type] = {"buckets": parts.BucketRule, "actions": parts.ActionRule}
_SINGLE: Mapping[str, type] = {
    "staleness": parts.Staleness,
    "contact": parts.ContactPolicy,
    "site": parts.Site,
}
_REQUIRED = ("name", "version", "statuses", "moves", "staleness", "buckets", "shown", "actions", "roles")
_KEYS = (*_REQUIRED, *(k for k in (*_TABLES, *_SINGLE) if k not in _REQUIRED), "renamed", "wording")


def structure(document: Mapping[str, Any]) -> tuple[Workflow, list[Problem]]:
    """The workflow of a TOML document, as far as it fits, and what does not fit."""
    reader = _Reader(document)
    return reader.workflow(), reader.problems


class _Reader:
    def __init__(self, document: Mapping[str, Any]) -> None:
        self._document = document
        self.problems: list[Problem] = []
        self._speller = Speller()

    def workflow(self) -> Workflow:
        for key in self._document:
            if key not in _KEYS:
                self._unknown(key, key, _KEYS)
        for key in _REQUIRED:
            if key not in self._document:
                self._say(key, "missing_key", f"{key} is missing; docs/workflow.md shows what belongs there")
        values: dict[str, Any] = {
            "name": self._plain("name", str, ""),
            "version": self._plain("version", int, 1),
            "shown": self._row(_Shown, self._table("shown"), "shown").buckets,
            "renamed": self._texts("renamed"),
            "wording": self._texts("wording"),
        }
        values |= {key: self._rows(key, cls) for key, cls in _TABLES.items()}
        values |= {key: self._list(key, cls) for key, cls in _LISTS.items()}
        values |= {
            key: self._row(cls, self._document[key], key) for key, cls in _SINGLE.items() if key in self._document
        }
        values.setdefault("staleness", parts.Staleness(movement=()))
        return Workflow(**values)

    def _say(self, path: str, code: str, message: str) -> None:
        self.problems.append(Problem(path, code, message))

    def _unknown(self, path: str, key: str, allowed: tuple[str, ...]) -> None:
        guess = self._speller.hint(key, allowed)
        close = guess if "did you mean" in guess else ";"
        self._say(path, "unknown_key", f"there is no key {key!r} here{close} keys here: {', '.join(allowed)}")

    def _plain(self, key: str, kind: type, instead: Any) -> Any:
        value = self._document.get(key, instead)
        if type(value) is kind:
            return value
        self._say(key, "wrong_type", f"expected {KINDS[kind]}, found {kind_of(value)}")
        return instead

    def _table(self, key: str) -> dict[str, Any]:
        value = self._document.get(key, {})
        if isinstance(value, dict):
            return value
        self._say(key, "wrong_type", f"expected a table [{key}], found {kind_of(value)}")
        return {}

    def _texts(self, key: str) -> dict[str, str]:
        found = {}
        for name, value in self._table(key).items():
            if type(value) is str:
                found[name] = value
            else:
                hint = "; put the path in quotes" if isinstance(value, dict) else ""
                self._say(f"{key}.{name}", "wrong_type", f"expected a text, found {kind_of(value)}{hint}")
        return found

    def _rows(self, table: str, cls: type) -> tuple[Any, ...]:
        name = "name" if cls is parts.Move else "code"
        return tuple(
            self._row(cls, row, f"{table}.{code}", given={name: code}) for code, row in self._table(table).items()
        )

    def _list(self, table: str, cls: type) -> tuple[Any, ...]:
        rows = self._document.get(table, [])
        if not isinstance(rows, list):
            self._say(table, "wrong_type", f"expected an array of tables [[{table}]], found {kind_of(rows)}")
            return ()
        found, seen = [], dict[str, int]()
        for number, row in enumerate(rows, start=1):
            code = row.get("code") if isinstance(row, dict) else None
            if not isinstance(code, str) or not code:
                found.append(self._row(cls, row, f"{table}[{number}]"))
                continue
            seen[code] = seen.get(code, 0) + 1
            again = f"#{seen[code]}" if seen[code] > 1 else ""
            found.append(self._row(cls, row, f"{table}.{code}{again}"))
        return tuple(found)

    def _row(self, cls: type, row: Any, path: str, given: Mapping[str, str] = {}) -> Any:
        if not isinstance(row, dict):
            self._say(path, "wrong_type", f"expected a table, found {kind_of(row)}")
            kinds = get_type_hints(cls)
            row = {_key(f.name): stand_in(kinds[f.name]) for f in attrs.fields(cls) if f.default is attrs.NOTHING}
            row = {key: value for key, value in row.items() if key not in given}
        for key in given.keys() & row.keys():
            self._unknown(f"{path}.{key}", key, _allowed(cls, given))
            row = {k: v for k, v in row.items() if k != key}
        try:
            return converter().structure({**given, **row}, cls)
        except ClassValidationError as error:
            return converter().structure(self._mended(cls, {**given, **row}, error, path, given), cls)

    def _mended(
        self, cls: type, row: dict[str, Any], error: ClassValidationError, path: str, given: Mapping[str, str]
    ) -> dict[str, Any]:
        """``row`` with everything replaced that does not fit, each said once."""
        row = dict(row)
        for each in error.exceptions:
            if isinstance(each, ForbiddenExtraKeysError):
                for key in sorted(each.extra_fields, key=list(row).index):
                    self._unknown(f"{path}.{key}", key, _allowed(cls, given))
                    del row[key]
                continue
            note = next(n for n in each.__notes__ if isinstance(n, AttributeValidationNote))
            key, inner = _key(note.name), inner_type(note.type)
            if isinstance(each, ClassValidationError):
                row[key] = self._mended(inner, row[key], each, f"{path}.{key}", {})
            else:
                self._misfit(f"{path}.{key}", key, row, each, note.type)
                row[key] = stand_in(inner)
        return row

    def _misfit(self, path: str, key: str, row: dict[str, Any], error: BaseException, kind: Any) -> None:
        if key not in row:
            self._say(path, "missing_key", f"{key} is missing; give {described(kind)}")
        elif isinstance(error, BadSpan):
            said = f"{row[key]!r} is no span of time; write it like '2 working days', '14 days', '4 hours'"
            self._say(path, "bad_span", said)
        else:
            self._say(path, "wrong_type", f"expected {described(kind)}, found {kind_of(row[key])}")


@attrs.frozen(kw_only=True)
class _Shown:
    buckets: tuple[str, ...] = ()


def _key(name: str) -> str:
    return "from" if name == "from_" else name


def _allowed(cls: type, given: Mapping[str, str] = {}) -> tuple[str, ...]:
    return tuple(_key(field.name) for field in attrs.fields(cls) if field.name not in given)
