"""Stores with one fault each that only shows from outside: another handle, another process, a bad disk, a host.

``breaks`` is the clause. Each is noticed by one check, but for :class:`RawErrors` and :class:`DeadAfterwards`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar, Self

from faulty_store import Faulty
from trialflow.adapters.checks import Opener, StorageSetup
from trialflow.adapters.ports import Append, Storage
from trialflow.adapters.storages.memory import MemoryStorage
from trialflow.adapters.storages.sqlite import SqliteStorage
from trialflow.model.errors import Conflict, StorageError
from trialflow.model.events import Event
from trialflow.model.recorded import Recorded

__all__ = ["FAILING", "FILES", "HANDLES", "HOSTS", "MemoryHost", "failing_setup", "file_setup", "host_setup"]

HERE = Path(__file__).parent


class Handles(Faulty):
    """A store in memory with several handles. This one is right."""

    def again(self) -> Self:
        """Another handle on the same store: it shares what is stored, and nothing else."""
        other = type(self)()
        other.__dict__.update({k: v for k, v in self.__dict__.items() if k not in ("cache", "known")})
        return other


class CachesStreams(Handles):
    """Reads a stream once and believes afterwards what it has read."""

    breaks = "S12"

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.cache: dict[str, Sequence[Recorded]] = {}

    def append_batch(self, parts: Sequence[Append]) -> Sequence[Recorded]:
        try:
            return super().append_batch(parts)
        finally:
            self.cache.clear()

    def read(self, stream: str) -> Sequence[Recorded]:
        if stream not in self.cache:
            self.cache[stream] = super().read(stream)
        return self.cache[stream]


class CachesVersions(Handles):
    """Says in a conflict where it left the stream itself."""

    breaks = "S12"

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.known: dict[str, int] = {}

    def append(self, stream: str, events: Sequence[Event], *, expected_version: int) -> Sequence[Recorded]:
        try:
            done = super().append(stream, events, expected_version=expected_version)
        except Conflict:
            raise Conflict(stream, expected_version, self.known.get(stream, 0)) from None
        self.known[stream] = max(self.known.get(stream, 0), expected_version + len(events))
        return done


HANDLES: tuple[type[Handles], ...] = (CachesStreams, CachesVersions)


class Quick(SqliteStorage):
    """Leaves syncing to the operating system: enough for processes that are killed. This one is right."""

    breaks: ClassVar[str] = ""

    def __init__(self, path: str | Path, **options: Any) -> None:
        super().__init__(path, **options)
        self._file.rows("PRAGMA synchronous=OFF")


class Buffers(Quick):
    """Writes an append down when the next one comes, or when somebody reads."""

    breaks = "S13"

    _later: Sequence[Append] = ()

    def append(self, stream: str, events: Sequence[Event], *, expected_version: int) -> Sequence[Recorded]:
        self._flush()
        if expected_version or not stream.startswith("lead:w") or "." not in stream:
            return super().append(stream, events, expected_version=expected_version)
        self._later = [Append(stream, tuple(events), expected_version)]
        return ()

    def _flush(self) -> None:
        later, self._later = self._later, ()
        if later:
            super().append_batch(later)

    def scan(self, *, after: int = 0) -> Iterator[Recorded]:
        self._flush()
        return super().scan(after=after)


class TrustsItsOwnProcess(Quick):
    """Settles conflicts within its process, and takes those of other processes for a delay."""

    breaks = "S12"

    mine: ClassVar[set[str]] = set()

    def append(self, stream: str, events: Sequence[Event], *, expected_version: int) -> Sequence[Recorded]:
        try:
            done = super().append(stream, events, expected_version=expected_version)
        except Conflict as conflict:
            if not conflict.actual or self.read(stream)[-1].hash in self.mine:
                raise
            done = super().append(stream, events, expected_version=conflict.actual)
        self.mine.update(record.hash for record in done)
        return done


FILES: tuple[type[Quick], ...] = (Buffers, TrustsItsOwnProcess)


def file_setup(folder: Path, store: type[SqliteStorage]) -> StorageSetup:
    """Files in ``folder``, opened by other processes as well."""
    names = iter(range(1_000_000))

    def make(**options: Any) -> Storage:
        return store(folder / f"{store.__name__}{next(names)}.db", **options)

    def opener(opened: Storage) -> Opener:
        assert isinstance(opened, SqliteStorage)
        return Opener(f"broken_outside:{store.__name__}", str(opened.path), (str(HERE),))

    return StorageSetup(make=make, opener=opener)


class OnAMedium(Faulty):
    """A store whose appends take three operations on a medium: journal, records, the journal's end. It is right."""

    left = 0
    """The operation that fails, counted down; 0: none."""

    def operation(self) -> None:
        self.left -= 1
        if self.left == 0:
            raise OSError(5, "Input/output error")

    def append(self, stream: str, events: Sequence[Event], *, expected_version: int) -> Sequence[Recorded]:
        stored = False
        try:
            self.operation()
            self.operation()
            done = super().append(stream, events, expected_version=expected_version)
            stored = True
            self.operation()
        except OSError as error:
            raise StorageError("unknown" if stored else "not stored", "the disk failed") from error
        return done


class SaysNotStored(OnAMedium):
    """Says "not stored" of everything that failed."""

    breaks = "S14"

    def append(self, stream: str, events: Sequence[Event], *, expected_version: int) -> Sequence[Recorded]:
        try:
            return super().append(stream, events, expected_version=expected_version)
        except StorageError as error:
            raise StorageError("not stored", error.detail) from error


class RawErrors(OnAMedium):
    """Raises what its driver raised."""

    breaks = "S14"

    def append(self, stream: str, events: Sequence[Event], *, expected_version: int) -> Sequence[Recorded]:
        try:
            return super().append(stream, events, expected_version=expected_version)
        except StorageError as error:
            raise error.__cause__ or error from None


class DeadAfterwards(OnAMedium):
    """Works no more after a failure."""

    breaks = "S14"

    dead = False

    def append(self, stream: str, events: Sequence[Event], *, expected_version: int) -> Sequence[Recorded]:
        if self.dead:
            raise StorageError("not stored", "the connection is gone")
        try:
            return super().append(stream, events, expected_version=expected_version)
        except StorageError:
            self.dead = True
            raise


FAILING: tuple[type[OnAMedium], ...] = (SaysNotStored, RawErrors, DeadAfterwards)


@contextmanager
def _failing(store: Storage, n: int) -> Iterator[Callable[[], bool]]:
    assert isinstance(store, OnAMedium)
    store.left = n
    reached: list[bool] = []
    try:
        yield lambda: reached[0] if reached else store.left <= 0
    finally:
        reached.append(store.left <= 0)
        store.left = 0


def failing_setup(store: type[OnAMedium] = OnAMedium) -> StorageSetup:
    """A store on a medium that can be made to fail."""
    return StorageSetup(make=store, failing=_failing)


class MemoryHost:
    """A host in memory, with rows of its own. This one is right."""

    breaks: ClassVar[str] = ""

    def __init__(self) -> None:
        self.storage: MemoryStorage = MemoryStorage()
        self.rows: list[str] = []
        self.begin()

    def begin(self) -> None:
        self.before = (self._stored(), list(self.rows))

    def commit(self) -> None:
        self.begin()

    def rollback(self) -> None:
        stored, rows = self.before
        vars(self.storage).update(stored)
        self.rows = list(rows)

    def _stored(self) -> dict[str, Any]:
        copies: dict[type, Callable[[Any], Any]] = {list: list, dict: lambda d: {k: _copied(v) for k, v in d.items()}}
        parts = {k: v for k, v in vars(self.storage).items() if type(v) in (list, dict, str, int)}
        return {k: copies.get(type(v), lambda same: same)(v) for k, v in parts.items()}

    def write(self, text: str) -> None:
        self.rows.append(text)

    def written(self) -> list[str]:
        return list(self.rows)


def _copied(value: Any) -> Any:
    return list(value) if isinstance(value, list) else value


class Separate(MemoryHost):
    """The store has a connection of its own: its records stay when the host rolls back."""

    breaks = "S15"

    def _stored(self) -> dict[str, Any]:
        return {}


class CommitsFirst(MemoryHost):
    """The store commits what the host wrote, to begin a transaction of its own."""

    breaks = "S15"

    def __init__(self) -> None:
        super().__init__()
        host, real = self, self.storage.append

        def append(stream: str, events: Sequence[Event], *, expected_version: int) -> Sequence[Recorded]:
            host.before = (host.before[0], list(host.rows))
            return real(stream, events, expected_version=expected_version)

        self.storage.append = append  # type: ignore[method-assign]

    def begin(self) -> None:
        super().begin()
        self.before[0].pop("append", None)


class Poisons(MemoryHost):
    """A refused append leaves the transaction unusable, as an error does in PostgreSQL where there is no savepoint."""

    breaks = "S15"

    def __init__(self) -> None:
        super().__init__()
        self.aborted = False
        host, real = self, self.storage.append

        def append(stream: str, events: Sequence[Event], *, expected_version: int) -> Sequence[Recorded]:
            if host.aborted:
                raise StorageError("not stored", "current transaction is aborted")
            try:
                return real(stream, events, expected_version=expected_version)
            except Exception:
                host.aborted = True
                raise

        self.storage.append = append  # type: ignore[method-assign]

    def rollback(self) -> None:
        super().rollback()
        self.aborted = False


HOSTS: tuple[type[MemoryHost], ...] = (Separate, CommitsFirst, Poisons)


def host_setup(host: type[MemoryHost] = MemoryHost) -> StorageSetup:
    """A store on the connection of a host."""
    return StorageSetup(make=MemoryStorage, host=host)
