"""What trialflow finds through the entry point. LMDB itself is imported when a store is made."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from trialflow.adapters.hooks import hookimpl
from trialflow.adapters.ports import Storage
from trialflow.adapters.provider import Option, Provider

__all__ = ["trialflow_storages"]

_OPTIONS = (
    Option("path", "the directory of the ledger, made where there is none", kind="path", required=True),
    Option("size_mb", "the largest size it may grow to, in MB", kind="integer", default=16_384),
)


@hookimpl
def trialflow_storages() -> Iterator[Provider[Storage]]:
    """LMDB."""
    yield Provider("lmdb", "an LMDB directory, for many readers at once", _store, _OPTIONS)


def _store(**options: Any) -> Storage:
    from trialflow_lmdb.storage import LmdbStorage

    return LmdbStorage(**options)
