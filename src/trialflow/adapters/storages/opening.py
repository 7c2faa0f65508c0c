"""A ledger and its vault, side by side."""

from __future__ import annotations

from pathlib import Path

from trialflow.adapters.storages.sqlite import SqliteStorage
from trialflow.adapters.storages.vault_sqlite import SqliteVault

__all__ = ["open_store", "vault_path"]


def vault_path(path: str | Path) -> Path:
    """Where the vault of a ledger lies: ``site.db`` has ``site.vault.db`` beside it."""
    path = Path(path)
    return path.with_name(f"{path.stem}.vault{path.suffix or '.db'}")


def open_store(path: str | Path) -> tuple[SqliteStorage, SqliteVault]:
    """The ledger at ``path`` and the vault beside it, made when they are not there."""
    return SqliteStorage(path), SqliteVault(vault_path(path))
