"""A ledger and its vault, side by side."""

from __future__ import annotations

from pathlib import Path

from trialflow.adapters.ports import Clock
from trialflow.adapters.storages.sqlite import SqliteStorage
from trialflow.adapters.storages.vault_sqlite import SqliteVault
from trialflow.model.errors import StorageError

__all__ = ["open_store", "vault_path"]


def vault_path(path: str | Path) -> Path:
    """Where the vault of a ledger lies: ``site.db`` has ``site.vault.db`` beside it."""
    path = Path(path)
    return path.with_name(f"{path.stem}.vault{path.suffix or '.db'}")


def open_store(path: str | Path, *, clock: Clock | None = None) -> tuple[SqliteStorage, SqliteVault]:
    """The ledger at ``path`` and the vault beside it, made when they are not there. ``clock`` gives ``recorded_at``.

    Raises ``StorageError`` when either is something else, or when a ledger has lost its vault: without the vault's key
    the same person would come in as somebody else.
    """
    beside = vault_path(path)
    storage = SqliteStorage(path) if clock is None else SqliteStorage(path, clock=clock)
    try:
        if storage.head()[0] and not beside.exists():
            detail = f"{storage.path.name} has records, but its vault {beside.name} is not there; restore it"
            raise StorageError("not stored", detail)
        return storage, SqliteVault(beside)
    except BaseException:
        storage.close()
        raise
