"""``trialflow.toml``: which store, workflow, plugins and site, so that no command has to repeat them.

Read from the working directory, or from where ``--config`` says. What the command line says comes first, then
``$TRIALFLOW_DB``, then this file. ``docs/configuration.md`` has the keys.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import attrs

from trialflow.cli.exits import FileUnusable
from trialflow.model.errors import Problem

if TYPE_CHECKING:
    from trialflow.adapters.plugins_options import Choice

__all__ = ["EVERY_PLUGIN", "FILE", "TEMPLATE", "Config", "Part", "StorePart", "read_config"]

StorePart = Literal["storage", "vault"]

FILE = "trialflow.toml"
"""What the file is called where nobody says otherwise."""

EVERY_PLUGIN = "*"
"""In place of distributions: every installed plugin is let in."""

_LARGEST = 64 * 1024
_SITE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_KEYS = ("site", "workflow", "plugins", "storage", "vault")

TEMPLATE = """\
# What `trialflow` uses where the command line does not say otherwise. Relative paths start from this file.
# Secrets are never written here: `env:NAME` is a variable of the environment, `file:PATH` a file that holds one.
# `trialflow plugins` lists every storage, vault and workflow with its options.

# The name of this site.
site = "main"

# A workflow in TOML, or the name of one that a plugin brings. Without this line it is the shipped one.
# workflow = "workflow.toml"

# Which installed distributions may bring plugins. Nothing else is imported. "acme", "acme==1.2", "acme:one-of-them".
plugins = []

# Where the ledger lies, and apart from it identities and notes.
[storage]
use = "sqlite"
path = "trialflow.db"

[vault]
use = "sqlite"
path = "trialflow.vault.db"

# The same in PostgreSQL (pip install trialflow[postgres]):
# [storage]
# use = "postgres"
# dsn = "env:TRIALFLOW_DSN"
"""
"""What ``trialflow init`` writes."""


@attrs.frozen
class Part:
    """``[storage]`` or ``[vault]``: which provider, and its options as the file has them."""

    use: str
    options: Mapping[str, Any]

    @property
    def choice(self) -> Choice:
        """The same, as what is provided is chosen."""
        from trialflow.adapters.plugins_options import Choice

        return Choice(self.use, self.options)


@attrs.frozen(kw_only=True)
class Config:
    """What the file says; without a file, nothing. ``base`` is where its relative paths start."""

    path: Path | None = None
    site: str = "main"
    workflow: str = ""
    plugins: tuple[str, ...] = ()
    storage: Part | None = None
    vault: Part | None = None

    def part(self, name: StorePart) -> Part | None:
        """What the file says of one of them."""
        return self.storage if name == "storage" else self.vault

    @property
    def base(self) -> Path | None:
        """The folder of the file."""
        return self.path.parent if self.path is not None else None


def read_config(path: Path) -> tuple[Config, list[Problem]]:
    """What the file says as far as it can be used, and every problem of its form, each with its path.

    Raises ``FileUnusable`` for what is no text or no TOML.
    """
    table = _table(path)
    found = _Reader(table)
    config = Config(
        path=path,
        site=found.text("site", "main", _SITE, "letters, digits and . _ -, at most 64"),
        workflow=found.text("workflow", ""),
        plugins=found.plugins(),
        storage=found.part("storage"),
        vault=found.part("vault"),
    )
    found.refuse_unknown()
    return config, found.problems


def _table(path: Path) -> dict[str, Any]:
    try:
        with path.open("rb") as file:
            raw = file.read(_LARGEST + 1)
        if len(raw) > _LARGEST:
            raise FileUnusable(f"{path} is larger than {_LARGEST // 1024} kB; a configuration is a page long")
        return tomllib.loads(raw.decode().removeprefix("\ufeff"))
    except OSError as error:
        why = f"{error.strerror}; `trialflow init` writes one"
    except UnicodeDecodeError:
        why = "it is no text in UTF-8"
    except tomllib.TOMLDecodeError as error:
        why = f"it is not TOML: {error}"
    except RecursionError:
        why = "values are nested too deeply"
    raise FileUnusable(f"the configuration {path} cannot be read: {why}")


class _Reader:
    """Takes the values out, and notes what is wrong with them."""

    def __init__(self, table: Mapping[str, Any]) -> None:
        self._table = table
        self.problems: list[Problem] = []

    def _wrong(self, path: str, code: str, message: str) -> None:
        self.problems.append(Problem(path, code, message))

    def text(self, key: str, default: str, form: re.Pattern[str] | None = None, how: str = "") -> str:
        value = self._table.get(key, default)
        if not isinstance(value, str) or (key in self._table and not value.strip()):
            self._wrong(key, "wrong_type", "write a text, between quotation marks")
            return default
        if form is not None and not form.fullmatch(value):
            self._wrong(key, "unreadable", f"{value!r} will not do; use {how}")
            return default
        return value

    def plugins(self) -> tuple[str, ...]:
        value = self._table.get("plugins", [])
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            self._wrong("plugins", "wrong_type", 'write a list of distributions, such as ["acme", "other==1.2"]')
            return ()
        if not value:
            return ()
        from trialflow.adapters.discovery import Allowed

        kept = []
        for number, one in enumerate(value):
            try:
                kept.append(one if one == EVERY_PLUGIN else str(Allowed.read(one)))
            except ValueError as error:
                self._wrong(f"plugins[{number}]", "unreadable", str(error))
        return tuple(kept)

    def part(self, key: str) -> Part | None:
        value = self._table.get(key)
        if value is None:
            return None
        if not isinstance(value, dict):
            self._wrong(key, "wrong_type", f'write a table: [{key}] and, below it, use = "sqlite"')
            return None
        use = value.get("use")
        if not isinstance(use, str) or not use:
            self._wrong(f"{key}.use", "missing", f'say which {key}, such as use = "sqlite"')
            return None
        return Part(use, {name: option for name, option in value.items() if name != "use"})

    def refuse_unknown(self) -> None:
        for key in self._table:
            if key not in _KEYS:
                self._wrong(key, "unknown_key", f"there is no such key; there are: {', '.join(_KEYS)}")
