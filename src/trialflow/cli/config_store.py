"""The store, the workflow and the tracker that a command works with."""

from __future__ import annotations

import argparse
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import attrs

from trialflow.adapters.ports import Storage, Vault
from trialflow.adapters.storages.opening import open_store
from trialflow.cli.config import StorePart
from trialflow.cli.config_formats import check_format
from trialflow.cli.config_use import (
    allowed_plugins,
    check_choices,
    choice_of,
    config,
    keep_until_the_end,
    made_choice,
    picked_choice,
    plugins,
)
from trialflow.cli.exits import FileUnusable, UsageError
from trialflow.model.errors import WorkflowError
from trialflow.rules.guards import GUARDS, Guard
from trialflow.rules.loading import LARGEST, default_workflow, loads, problems
from trialflow.rules.workflow import Workflow
from trialflow.tracker import Tracker

if TYPE_CHECKING:
    from trialflow.adapters.plugins_options import Choice
    from trialflow.adapters.plugins_providers import ProviderKind

__all__ = ["STORE", "chosen_parts", "load_workflow", "tracker", "workflow"]

STORE = "trialflow.db"
"""The ledger's file where nothing else is said."""


def tracker(args: argparse.Namespace, *, create: bool = False) -> Tracker:
    """The tracker over the store that was chosen. A store in files is made only where ``create`` says so."""
    check_format(args)
    chosen = _Chosen.of(args)
    found = config(args, parts=chosen.from_file)
    definition = workflow(args)  # before anything is made
    storage, vault = _opened(args, chosen, create=create)
    keep_until_the_end(args, storage, vault)
    return Tracker(storage, vault, workflow=definition, site=found.site, plugins=allowed_plugins(args))


def chosen_parts(args: argparse.Namespace) -> tuple[dict[ProviderKind, Choice], Path | None]:
    """What is chosen as storage and as vault, and where its relative paths start; nothing where it is two files.

    Raises :class:`UsageError` with every problem of what is chosen.
    """
    chosen = _Chosen.of(args)
    base = config(args, parts=chosen.from_file).base if chosen.from_file else None
    check_choices(args, chosen.parts, base=base)
    return chosen.parts, base


@attrs.frozen
class _Chosen:
    """A file for both, or a storage and perhaps a vault; and which of them the configuration names."""

    file: Path | None = None
    storage: Choice | None = None
    vault: Choice | None = None
    from_file: tuple[StorePart, ...] = ()

    @property
    def parts(self) -> dict[ProviderKind, Choice]:
        """What is chosen by name; nothing where it is a file for both."""
        both: dict[ProviderKind, Choice | None] = {"storages": self.storage, "vaults": self.vault}
        return {kind: choice for kind, choice in both.items() if choice is not None}

    @classmethod
    def of(cls, args: argparse.Namespace) -> _Chosen:
        """The command line first, then the environment, then the configuration, then what is usual."""
        db, storage, vault = (getattr(args, name, None) for name in ("db", "storage", "vault"))
        if db and (storage or vault):
            raise UsageError("--db names both files of a store; give it, or --storage and --vault")
        if db:
            return cls(Path(db))
        if storage:
            return cls(None, choice_of(storage), choice_of(vault) if vault else None)
        if vault:
            raise UsageError("--vault goes with --storage")
        if os.environ.get("TRIALFLOW_DB"):
            return cls(Path(os.environ["TRIALFLOW_DB"]))
        return cls._configured(args)

    @classmethod
    def _configured(cls, args: argparse.Namespace) -> _Chosen:
        found = config(args, parts=("storage", "vault"))
        if found.storage is None:
            return cls(Path(STORE) if found.base is None else found.base / STORE)
        named: tuple[StorePart, ...] = ("storage", "vault") if found.vault is not None else ("storage",)
        return cls(None, found.storage.choice, found.vault.choice if found.vault is not None else None, named)


def _opened(args: argparse.Namespace, chosen: _Chosen, *, create: bool) -> tuple[Storage, Vault]:
    if chosen.file is not None:
        return _files(chosen.file, create=create)
    assert chosen.storage is not None
    base = config(args).base if chosen.from_file else None
    check_choices(args, chosen.parts, base=base)
    places = [_file_of(choice, base) for choice in (chosen.storage, chosen.vault) if choice is not None]
    for place in places:
        if place is not None:
            _usable(place, create=create)
    if chosen.vault is None:
        return _with_its_vault(args, chosen.storage, places[0], create=create)
    storage: Storage = made_choice(args, "storages", chosen.storage, base=base)
    keep_until_the_end(args, storage)
    _refuse_lost_vault(storage, places[1])
    vault: Vault = made_choice(args, "vaults", chosen.vault, base=base)
    return storage, vault


def _with_its_vault(
    args: argparse.Namespace, choice: Choice, place: Path | None, *, create: bool
) -> tuple[Storage, Vault]:
    """A storage whose vault goes without saying: beside the file, or gone like itself."""
    if place is not None:
        return _files(place, create=create)
    if choice.name != "memory":
        known = ", ".join(plugins(args).vaults())
        why = "a ledger that is kept needs a vault that is kept, for names and notes"
        raise UsageError(f"{why}: name it too, with --vault or under [vault]; there are: {known}")
    return made_choice(args, "storages", choice), picked_choice(args, "vaults", choice)


def _file_of(choice: Choice, base: Path | None) -> Path | None:
    """The file of a choice of ours; what a plugin does with a path is its own affair."""
    path = choice.options.get("path")
    if choice.name != "sqlite" or not isinstance(path, str):
        return None
    return (base or Path()) / Path(path).expanduser()


def _files(path: Path, *, create: bool) -> tuple[Storage, Vault]:
    _usable(path, create=create)
    return open_store(path)


def _usable(path: Path, *, create: bool) -> None:
    if path.is_dir():
        raise FileUnusable(f"{path} is a directory; name a file in it, such as {path / 'site.db'}")
    if create and not path.parent.is_dir():
        raise FileUnusable(f"there is no directory {path.parent}; make it, or name another with --db")
    if not create and not path.exists():
        raise UsageError(f"there is no store {path}; `trialflow import FILE --db {path}` makes one")


def _refuse_lost_vault(storage: Storage, vault: Path | None) -> None:
    """Without the vault's key the same person would come in as somebody else."""
    if vault is not None and not vault.exists() and next(iter(storage.scan()), None) is not None:
        raise FileUnusable(f"the ledger has records, but its vault {vault} is not there; restore it")


def workflow(args: argparse.Namespace) -> Workflow:
    """The workflow that ``--workflow`` or the configuration names, else the shipped one."""
    named = getattr(args, "workflow", None)
    if named:
        return load_workflow(named, args)
    found = config(args)
    if not found.workflow:
        return default_workflow()
    beside = (found.base or Path()) / found.workflow
    return load_workflow(str(beside) if beside.exists() else found.workflow, args)


def load_workflow(name: str, args: argparse.Namespace) -> Workflow:
    """A workflow file, or a workflow that is provided under this name.

    Raises ``WorkflowError`` with all problems, :class:`FileUnusable` when it cannot be read.
    """
    provided = None if Path(name).exists() else _provided(name, args)
    return _read(name, _guards(args)) if provided is None else provided


def _guards(args: argparse.Namespace) -> Mapping[str, Guard]:
    found = allowed_plugins(args)
    return GUARDS if found is None else found.working_guards()


def _provided(name: str, args: argparse.Namespace) -> Workflow | None:
    if name == "default":
        return default_workflow()
    found = allowed_plugins(args)
    if found is None or name not in found.workflows():
        return None
    made: Workflow = picked_choice(args, "workflows", choice_of(name))
    wrong = problems(made, guards=_guards(args))
    if wrong:
        raise WorkflowError(tuple(wrong))
    return made


def _read(path: str, guards: Mapping[str, Guard]) -> Workflow:
    try:
        with Path(path).open("rb") as file:
            raw = file.read(LARGEST + 1)  # a longer one is refused by its length
        text = raw.decode("utf-8", "strict" if len(raw) <= LARGEST else "replace")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no text in UTF-8"
        told = f"the workflow {path} cannot be read: {why}; name a workflow in TOML, or one that a plugin brings"
        raise FileUnusable(told) from None
    return loads(text, guards=guards)
