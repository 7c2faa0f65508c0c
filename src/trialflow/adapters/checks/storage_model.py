"""The check of S16: Hypothesis tries sequences of calls, each on the store and on the reference in memory."""

from __future__ import annotations

from typing import Any

from trialflow.adapters.checks.outcome import Broken, Check, Skipped, quotes, require
from trialflow.adapters.checks.samples import contacted, moved, noted, received
from trialflow.adapters.checks.storage_setup import StorageSetup
from trialflow.adapters.ports import Storage
from trialflow.adapters.storages.memory import MemoryStorage
from trialflow.model.errors import Conflict
from trialflow.model.events import Event

__all__ = ["MODEL_CHECKS", "SETTINGS"]

SETTINGS: dict[str, Any] = {"max_examples": 50, "stateful_step_count": 30, "deadline": None, "derandomize": True}
"""The same sequences on every run: what was green stays green until the store changes."""

_STREAMS = ("lead:a", "lead:b", "site:main")


@quotes("S16")
def behaves_like_the_store_in_memory(setup: StorageSetup) -> None:
    """Appends at right and wrong versions, retries, reads and scans in any order give what they give in memory."""
    try:
        from hypothesis import HealthCheck, settings
        from hypothesis.stateful import run_state_machine_as_test
    except ModuleNotFoundError:
        raise Skipped("Hypothesis is not installed; `pip install trialflow[testing]` brings it") from None
    chosen = settings(**SETTINGS, database=None, suppress_health_check=list(HealthCheck))
    try:
        run_state_machine_as_test(_machine(setup), settings=chosen)
    except Exception as error:
        said = str(error) if isinstance(error, Broken) else f"{type(error).__name__} was raised: {error}"
        notes = [line.strip() for note in getattr(error, "__notes__", ()) for line in note.splitlines()]
        steps = [line for line in notes if line.startswith("state.") and "teardown" not in line]
        raise Broken(f"{said}; the shortest way there: {'; '.join(steps)}" if steps else said) from error


class _Pair:
    """A store and the reference: each call goes to both, and both must answer alike."""

    def __init__(self, setup: StorageSetup) -> None:
        self.setup = setup
        self.store, self.model = setup.fresh(), MemoryStorage()
        self.number = 0
        self.sound = True
        self.last: tuple[str, list[Event], int] | None = None

    def append(self, stream: str, count: int, off: int, keyed: bool) -> None:
        """Append ``count`` events at a version that is ``off`` by so much."""
        events = [self._event(keyed and n == 0) for n in range(count)]
        version = len(self.model.read(stream)) + off
        if self._both(stream, events, version) and keyed:
            self.last = (stream, events, version)

    def retry(self) -> None:
        """Repeat the last append that had a key."""
        if self.last is not None:
            self._both(*self.last)

    def _event(self, keyed: bool) -> Event:
        self.number += 1
        key = f"k{self.number}" if keyed else ""
        made = (received(key=key), contacted(self.number, key=key), noted(f"n{self.number}", key=key))
        return moved(f"s{self.number}") if not keyed and self.number % 4 == 0 else made[self.number % 3]

    def _both(self, stream: str, events: list[Event], version: int) -> bool:
        self.sound = False  # should the store raise, that is what is to be told
        wanted, found = _append(self.model, stream, events, version), _append(self.store, stream, events, version)
        require(found == wanted, f"append() must give {_short(wanted)}, but gave {_short(found)}")
        self.sound = True
        return wanted != "Conflict"

    def read(self, stream: str) -> None:
        """Read a stream."""
        wanted, found = list(map(_shown, self.model.read(stream))), list(map(_shown, self.store.read(stream)))
        require(found == wanted, f"read({stream!r}) must give {_short(wanted)}, but gave {_short(found)}")

    def scan(self, after: int) -> None:
        """Read what comes after a position."""
        wanted = list(map(_shown, self.model.scan(after=after)))
        found = list(map(_shown, self.store.scan(after=after)))
        require(found == wanted, f"scan(after={after}) must give {_short(wanted)}, but gave {_short(found)}")

    def teardown(self) -> None:
        """Everything once more, then close the store."""
        try:
            for stream in _STREAMS if self.sound else ():
                self.read(stream)
                self.scan(0)
        finally:
            self.setup.release(self.store)


def _machine(setup: StorageSetup) -> Any:
    from hypothesis import strategies as st
    from hypothesis.stateful import RuleBasedStateMachine, rule

    class Storing(RuleBasedStateMachine):
        def __init__(self) -> None:
            super().__init__()
            self.pair = _Pair(setup)

        @rule(
            stream=st.sampled_from(_STREAMS),
            count=st.integers(1, 3),
            off=st.sampled_from((0, 0, 0, -1, 1)),
            keyed=st.booleans(),
        )
        def append(self, stream: str, count: int, off: int, keyed: bool) -> None:
            self.pair.append(stream, count, off, keyed)

        @rule()
        def retry(self) -> None:
            self.pair.retry()

        @rule(stream=st.sampled_from(_STREAMS))
        def read(self, stream: str) -> None:
            self.pair.read(stream)

        @rule(after=st.integers(0, 12))
        def scan(self, after: int) -> None:
            self.pair.scan(after)

        def teardown(self) -> None:
            self.pair.teardown()

    return Storing


def _append(store: Storage, stream: str, events: list[Event], version: int) -> object:
    try:
        return list(map(_shown, store.append(stream, events, expected_version=version)))
    except Conflict:
        return "Conflict"


def _shown(record: Any) -> tuple[int, str, int, Event]:
    """What two stores must have in common: clocks, and so hashes, differ."""
    return record.position, record.stream, record.version, record.event


def _short(answer: Any) -> str:
    if isinstance(answer, str):
        return answer
    return ", ".join(f"{stream} {version} at {position}" for position, stream, version, _ in answer) or "nothing"


MODEL_CHECKS: tuple[Check[StorageSetup], ...] = (behaves_like_the_store_in_memory,)
