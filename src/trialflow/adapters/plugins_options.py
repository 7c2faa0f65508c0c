"""From what people wrote to what ``make`` takes: values of options, and secrets by reference."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import attrs

from trialflow.adapters.provider import Option
from trialflow.model.errors import Problem

__all__ = ["Choice", "Values", "values"]

_WORDS = {"true": True, "yes": True, "on": True, "1": True, "false": False, "no": False, "off": False, "0": False}
_BETWEEN = re.compile(r"(?<!\\),(?=[A-Za-z_][A-Za-z0-9_]*=)")
_LARGEST = 64 * 1024


@attrs.frozen
class Choice:
    """A provider by its name, with options as they were written: text, or the number or boolean of a TOML file.

    It holds references to secrets, never a secret.
    """

    name: str
    options: Mapping[str, Any] = attrs.field(factory=dict)

    @classmethod
    def read(cls, text: str) -> Choice:
        """From ``NAME`` or ``NAME:option=value,option=value``. A comma before something that looks like an option
        belongs to the value where ``\\`` stands before it. Raises ``ValueError`` when it is not written so."""
        head, equals, _ = text.partition("=")
        name, colon, _ = head.rpartition(":") if equals else (text, "", "")
        written = text[len(name) + 1 :] if colon else ""
        if not name or (equals and not colon):
            raise ValueError(f"{text!r} is not written as NAME:option=value,option=value")
        parts = [part.partition("=") for part in _BETWEEN.split(written)] if written else []
        found = {option: value.replace("\\,", ",") for option, _, value in parts}
        if len(found) < len(parts):
            raise ValueError(f"{name}: an option is given twice")
        return cls(name, found)


@attrs.frozen
class Values:
    """What ``make`` is called with; not shown, since secrets may be among it."""

    given: Mapping[str, Any] = attrs.field(repr=False)
    secrets: tuple[str, ...] = attrs.field(repr=False)


def values(
    options: Sequence[Option], written: Mapping[str, Any], *, base: Path | None = None
) -> Values | list[Problem]:
    """The values of ``written``, or every problem with it; the path of a problem is the option's name.

    Relative paths are taken from ``base`` (default: the working directory). A secret is read from where it is.
    """
    known = {option.name: option for option in options}
    names = ", ".join(known) or "none"
    wrong = [
        Problem(n, "option_unknown", f"there is no such option; there are: {names}") for n in written if n not in known
    ]
    lacking = [name for name, option in known.items() if option.required and name not in written]
    wrong += [Problem(name, "option_missing", f"it is needed: {known[name].summary}") for name in lacking]
    given: dict[str, Any] = {}
    for name in [name for name in known if name in written]:
        try:
            given[name] = _KINDS[known[name].kind](written[name], base)
        except ValueError as error:
            wrong.append(Problem(name, "option_invalid", str(error)))
    if wrong:
        return wrong
    return Values(given, tuple(_secrets(known, given)))


def _secrets(known: Mapping[str, Option], given: Mapping[str, Any]) -> Iterator[str]:
    return (value for name, value in given.items() if known[name].kind == "secret" and value)


def _text(value: Any, _base: Path | None) -> str:
    if not isinstance(value, str):
        raise ValueError("write it as text, between quotation marks")
    return value


def _integer(value: Any, _base: Path | None) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, str) and re.fullmatch(r"[+-]?[0-9]{1,18}", value):
        return int(value)
    raise ValueError("write a whole number")


def _flag(value: Any, _base: Path | None) -> bool:
    found = value if isinstance(value, bool) else _WORDS.get(str(value).lower())
    if found is None:
        raise ValueError("write true or false")
    return found


def _path(value: Any, base: Path | None) -> Path:
    if not isinstance(value, str) or not value or "\0" in value:
        raise ValueError("write a path, as text")
    path = Path(value).expanduser()
    return path if base is None else base / path


def _secret(value: Any, base: Path | None) -> str:
    """The secret behind a reference. The value itself is in no message: it may be the secret."""
    where, colon, rest = value.partition(":") if isinstance(value, str) else ("", "", "")
    if colon and where == "env":
        found = os.environ.get(rest)
        if not found:
            raise ValueError(f"the environment has no {rest}; set it to the secret")
        return found
    if colon and where == "file":
        return _secret_file(_path(rest, base))
    raise ValueError("a secret is not written here: give env:NAME or file:PATH, which say where it is")


def _secret_file(path: Path) -> str:
    try:
        with path.open(encoding="utf-8") as file:
            found = file.read(_LARGEST).rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no text in UTF-8"
        raise ValueError(f"the file {path} cannot be read: {why}") from None
    if not found:
        raise ValueError(f"the file {path} is empty; it should hold the secret")
    return found


_KINDS: Mapping[str, Callable[[Any, Path | None], Any]] = {
    "text": _text,
    "integer": _integer,
    "flag": _flag,
    "path": _path,
    "secret": _secret,
}
