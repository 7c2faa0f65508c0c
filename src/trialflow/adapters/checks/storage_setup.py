"""How the storage checks come by stores: what an author gives, and what of it is optional."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any, Protocol

import attrs

from trialflow.adapters.checks.outcome import Skipped, require
from trialflow.adapters.ports import Clock, Storage, SupportsHead

__all__ = ["Closes", "Host", "Opener", "StorageSetup", "Transactions", "snapshot", "takes_clock"]


class Transactions(Protocol):
    """A host's connection, with a table of its own."""

    def begin(self) -> None:
        """Begin a transaction of the host."""
        ...

    def commit(self) -> None:
        """Commit it."""
        ...

    def rollback(self) -> None:
        """Roll it back."""
        ...

    def write(self, text: str) -> None:
        """Insert ``text`` as a row of a table of the host's own, on the same connection."""
        ...

    def written(self) -> list[str]:
        """The rows of that table, in the order they were written, as the same connection sees them."""
        ...


class Host(Transactions, Protocol):
    """A host's connection, with a table of its own and a store on it."""

    @property
    def storage(self) -> Storage:
        """The store on the host's connection."""
        ...


@attrs.frozen
class Opener:
    """How another process opens a store: ``function`` is ``module:name``, called with ``address`` alone.

    The module must be importable by a fresh Python: ``path`` holds what has to be on ``sys.path`` for it.
    """

    function: str
    address: str
    path: tuple[str, ...] = ()


class Closes:
    """Remembers what the checks opened; a mixin of the setups."""

    _opened: list[Any]

    def opened(self, thing: Any) -> Any:
        """``thing``, to be closed after the check where it can be."""
        self._opened.append(thing)
        return thing

    def release(self, thing: Any) -> None:
        """Close ``thing`` now."""
        self._opened[:] = [other for other in self._opened if other is not thing]
        _close(thing)

    @contextmanager
    def closing(self) -> Iterator[None]:
        """Close in the end what was opened meanwhile, the last first. Raises what the first of them raised, after all
        were closed."""
        try:
            yield
        finally:
            raised: list[Exception] = []
            while self._opened:
                try:
                    _close(self._opened.pop())
                except Exception as error:
                    raised.append(error)
            if raised:
                raise raised[0]


def _close(thing: Any) -> None:
    close = getattr(thing, "close", None)
    if callable(close):
        close()


def takes_clock(make: Callable[..., object]) -> bool:
    """Whether a factory has a parameter ``clock``, or takes any keyword."""
    try:
        parameters = inspect.signature(make).parameters.values()
    except (TypeError, ValueError):
        return False
    return any(p.name == "clock" or p.kind is p.VAR_KEYWORD for p in parameters)


@attrs.frozen(kw_only=True)
class StorageSetup(Closes):
    """What the checks of a storage are run on.

    ``make`` gives a new, empty store at every call. Where it has a parameter ``clock`` (a function that gives the
    present instant), the store takes ``recorded_at`` from it; without one, the checks of the clock are skipped.

    The rest says what the store claims, and is checked where it is given. ``reopen(store)`` gives another handle on
    the same store. ``opener(store)`` says how another process opens it: the store outlives its process. ``host()``
    gives a host's connection with a new, empty store on it. ``failing(store, n)`` is a context in which the n-th
    operation of the store on its medium fails, as a full disk or a lost connection makes it fail; it gives a function
    that says whether that operation was reached. ``threads`` is False for a store that belongs to one thread, such as
    one on a host's connection.
    """

    make: Callable[..., Storage]
    reopen: Callable[[Storage], Storage] | None = None
    opener: Callable[[Storage], Opener] | None = None
    host: Callable[[], Host] | None = None
    failing: Callable[[Storage, int], AbstractContextManager[Callable[[], bool]]] | None = None
    threads: bool = True
    _opened: list[Any] = attrs.field(factory=list, init=False, repr=False, eq=False)

    def fresh(self, clock: Clock | None = None) -> Storage:
        """A new store. Raises ``Skipped`` when a clock is needed and the factory takes none."""
        if clock is None:
            store: Storage = self.opened(self.make())
        elif takes_clock(self.make):
            store = self.opened(self.make(clock=clock))
        else:
            raise Skipped("make() has no parameter `clock`, so that the store's clock cannot be set by hand")
        require(not any(True for _ in store.scan()), "make() must give a new, empty store at every call")
        return store

    def shared(self) -> Storage:
        """A new store for several threads. Raises ``Skipped`` where it belongs to one."""
        if not self.threads:
            raise Skipped("the store belongs to one thread (`threads` is False)")
        return self.fresh()

    def again(self, store: Storage) -> Storage:
        """Another handle on ``store``. Raises ``Skipped`` when none can be made."""
        if self.reopen is None:
            raise Skipped("no `reopen` is given: another handle on the same store")
        found: Storage = self.opened(self.reopen(store))
        return found

    def elsewhere(self, store: Storage) -> Opener:
        """How another process opens ``store``. Raises ``Skipped`` when it cannot."""
        if self.opener is None:
            raise Skipped("no `opener` is given: how another process opens the same store")
        return self.opener(store)

    def hosted(self) -> Host:
        """A host with a new store on its connection. Raises ``Skipped`` where there is none."""
        if self.host is None:
            raise Skipped("no `host` is given: a host's connection with the store on it")
        host: Host = self.opened(self.host())
        require(not any(True for _ in host.storage.scan()), "host() must give a new, empty store at every call")
        return host


def snapshot(store: Storage) -> list[object]:
    """All that a store holds, and its head."""
    return [*store.scan(), store.head() if isinstance(store, SupportsHead) else None]
