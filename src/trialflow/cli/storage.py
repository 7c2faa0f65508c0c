"""``storage migrate | grants | rebuild | check``: a store brought up to date, and the rights of the role that works
with it. The last two, about what it keeps of its leads, lie in :mod:`trialflow.cli.storage_state`."""

from __future__ import annotations

import argparse
import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import attrs

from trialflow.cli.config_store import chosen_parts, tracker
from trialflow.cli.config_use import picked_choice, plugins
from trialflow.cli.exits import EPILOG, OK, UsageError
from trialflow.cli.options import add_command, add_json, add_store
from trialflow.cli.session import print_json
from trialflow.cli.storage_state import add_kinds

if TYPE_CHECKING:
    from trialflow.adapters.plugins_options import Choice
    from trialflow.adapters.plugins_providers import ProviderKind
    from trialflow.adapters.storages.postgres_schema import Schema
    from trialflow.cli.options import Commands

__all__ = ["add_commands"]

_POSTGRES = "postgres"
_MIGRATE = """\
A schema in PostgreSQL is made, or brought to the version of this trialflow, in one transaction: afterwards it is whole
at that version, or as it was. Stop what writes to it first, and take a backup. The role must own the schema. Files, and
the storages of plugins, are brought up to date whenever they are opened; here they are opened."""
_GRANTS = """\
The statements leave the role exactly what it needs: to append to the ledger and to read it, never to change it; in the
vault also to replace and to erase. Without --apply they are printed, for an administrator to read and to run."""


def add_commands(commands: Commands) -> None:
    """Register the commands."""
    storage = commands.add_parser(
        "storage",
        help="bring a store up to date, give a role its rights, check what it keeps of its leads",
        description="Bring a store up to date, give a role its rights, check what it keeps of its leads.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    kinds = storage.add_subparsers(dest="storage_command", required=True, metavar="migrate|grants|rebuild|check")
    bring = add_command(kinds, "migrate", "make the schema of a store, or bring it up to date", _migrate, more=_MIGRATE)
    add_store(bring)
    add_json(bring)
    rights = add_command(kinds, "grants", "the rights in PostgreSQL of a role that works", _grants, more=_GRANTS)
    add_store(rights)
    rights.add_argument("--to", metavar="ROLE", required=True, help="the role that is to have them")
    rights.add_argument("--reader", action="store_true", help="a role that only reads")
    rights.add_argument("--apply", action="store_true", help="carry them out instead of printing them")
    add_kinds(kinds)


@attrs.frozen
class _Place:
    """One schema in PostgreSQL: how it is reached, which may hold a password; its name; what it should be."""

    dsn: str = attrs.field(repr=False)
    name: str
    schema: Schema


def _migrate(args: argparse.Namespace) -> int:
    parts, base = chosen_parts(args)
    told = [_opened(args)] if not parts else []
    for kind, choice in parts.items():
        place = _place(args, kind, choice, base)
        told.append(_migrated(place) if place is not None else _made(args, kind, choice, base))
    if args.json:
        print_json({"format": "trialflow.migration/1", "parts": told})
    else:
        for part in told:
            print(_sentence(part))
    return OK


def _opened(args: argparse.Namespace) -> dict[str, object]:
    """Two files, opened: that brings them up to date."""
    storage = tracker(args).storage
    return {"part": str(getattr(storage, "path", "the store")), "before": None, "after": None}


def _made(args: argparse.Namespace, kind: ProviderKind, choice: Choice, base: Path | None) -> dict[str, object]:
    thing = picked_choice(args, kind, choice, base=base)
    close = getattr(thing, "close", None)
    if callable(close):
        close()
    return {"part": choice.name, "before": None, "after": None}


def _migrated(place: _Place) -> dict[str, object]:
    from trialflow.adapters.storages.postgres_migration import migrate
    from trialflow.adapters.storages.postgres_server import connect

    name = f"{place.schema.what} in schema {place.name}"
    with contextlib.closing(connect(place.dsn, f"the {name}")) as link:
        before, after = migrate(link, place.name, place.schema)
    return {"part": name, "before": before, "after": after}


def _sentence(part: dict[str, object]) -> str:
    name, before, after = part["part"], part["before"], part["after"]
    if before is None:
        return f"{name}: opened, which keeps it up to date"
    if before == 0:
        return f"{name}: made, at version {after}"
    return f"{name}: at version {after} already" if before == after else f"{name}: from version {before} to {after}"


def _grants(args: argparse.Namespace) -> int:
    from trialflow.adapters.storages.postgres_grants import apply, grants
    from trialflow.adapters.storages.postgres_server import connect

    if not args.to:
        raise UsageError("--to is empty; name the role that is to have the rights")
    for place in list(_places(args)):
        statements = grants(args.to, place.name, place.schema, reader=args.reader)
        if args.apply:
            with contextlib.closing(connect(place.dsn, f"schema {place.name}")) as link:
                apply(link, statements, place.name)
            print(f"{place.schema.what} in schema {place.name}: {args.to} has its rights")
        else:
            print("\n".join(f"{statement};" for statement in statements))
    return OK


def _places(args: argparse.Namespace) -> Iterator[_Place]:
    parts, base = chosen_parts(args)
    found = [place for kind, choice in parts.items() if (place := _place(args, kind, choice, base)) is not None]
    if not found:
        raise UsageError(f"roles have rights in PostgreSQL only: name --storage {_POSTGRES}, or [storage] in a file")
    yield from found


def _place(args: argparse.Namespace, kind: ProviderKind, choice: Choice, base: Path | None) -> _Place | None:
    """Where a choice lies, if in PostgreSQL."""
    if choice.name != _POSTGRES:
        return None
    from trialflow.adapters.plugins_options import Values, values
    from trialflow.adapters.storages import postgres, vault_postgres
    from trialflow.adapters.storages.postgres_schema import LEDGER, VAULT, quoted

    offer = plugins(args).offer(kind, choice.name)
    assert offer is not None, "chosen_parts() has looked"
    found = values(offer.provider.options, choice.options, base=base)
    assert isinstance(found, Values), "chosen_parts() has looked"
    usual, schema = (postgres.SCHEMA, LEDGER) if kind == "storages" else (vault_postgres.SCHEMA, VAULT)
    name = found.given.get("schema", usual)
    try:
        quoted(name)
    except ValueError as error:
        raise UsageError(f"{schema.what}: schema {name!r}: {error}") from None
    return _Place(found.given.get("dsn", ""), name, schema)
