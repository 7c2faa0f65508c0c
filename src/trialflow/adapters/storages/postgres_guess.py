"""An append in one step: when nobody else has appended meanwhile, what this process knows of the ledger is enough.

Records never change, so what was read once of a position or of a stream's version stays true; only whether it is still
the last may be wrong. The server decides that: the next position is free and follows the last one, the next version
too, and the version before has the hash that was continued, or nothing is written. Then, and whenever something is not
known, the append goes the long way: hold the ledger, look, write, commit.
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from trialflow.adapters.ports import Append
from trialflow.adapters.storages.postgres_append import BULK, Ends, Made, Statements, sealed
from trialflow.adapters.storages.postgres_errors import Collided
from trialflow.adapters.storages.postgres_server import Server
from trialflow.adapters.storages.sealing import Texts
from trialflow.model.moments import utc
from trialflow.model.recorded import Recorded

__all__ = ["Guess"]

_MOST = 10_000
_NEW = (0, "")


class Guess:
    """What one store knows of the ends of its ledger and of the streams it read or wrote. Safe for threads."""

    def __init__(self, server: Server, statements: Statements) -> None:
        self._server, self._statements = server, statements
        self._lock = threading.Lock()
        self._end: tuple[int, str] | None = None
        self._alone = False
        self._streams: dict[str, tuple[int, str]] = {}

    def written(self, parts: Sequence[Append], clock: Callable[[], datetime], shared: Texts) -> Made | None:
        """Append by what is known; None when that is not enough, or was not true any more: then nothing was written.

        Raises ``StorageError``, "unknown" when the connection was lost before the answer.
        """
        ends = self._ends(parts)
        made = sealed(parts, ends, utc(clock()), shared) if ends is not None else None
        if made is None or ends is None or not 0 < len(made.rows) < BULK:
            return None
        before, head = (ends.position, bytes.fromhex(ends.head)), bytes.fromhex(made.ends.head)
        values = [*itertools.chain.from_iterable(made.rows), *before, head]
        try:
            wrote = self._server.at_once(self._statements.guesses[len(made.rows)], values)
        except Collided:
            wrote = 0
        if not wrote:
            with self._lock:
                self._alone = False
            return None
        self._learn(made.ends)
        return made

    def looked(self, made: Made) -> None:
        """An append went the long way: whether others append too, and where the ledger ends now."""
        first = made.ends.position - len(made.rows)
        with self._lock:
            self._alone = self._end is None or self._end[0] == first
        if made.rows:
            self._learn(made.ends)

    def read(self, records: Sequence[Recorded]) -> None:
        """A stream was read."""
        if records:
            last = records[-1]
            self._keep({last.stream: (last.version, last.hash)})

    def _ends(self, parts: Sequence[Append]) -> Ends | None:
        """What is known, if it fits: every stream at its expected version, or new."""
        with self._lock:
            if self._end is None or not self._alone:
                return None
            known = {part.stream: self._streams.get(part.stream, _NEW) for part in parts}
            if len(known) < len(parts) or any(known[p.stream][0] != p.expected_version for p in parts):
                return None
            return Ends(*self._end, {name: end for name, end in known.items() if end is not _NEW})

    def _learn(self, ends: Ends) -> None:
        with self._lock:
            if self._end is None or ends.position > self._end[0]:
                self._end = (ends.position, ends.head)
        self._keep(ends.streams)

    def _keep(self, streams: Mapping[str, tuple[int, str]]) -> None:
        with self._lock:
            if len(self._streams) + len(streams) > _MOST:
                self._streams.clear()
            if len(streams) <= BULK:
                self._streams.update(streams)
