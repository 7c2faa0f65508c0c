"""Many writers at once: one lead is never overwritten unseen, and who reads on by ``scan(after=...)`` misses nothing.

Each has its control: the same done as one does it without these guards, which must show the anomaly.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial

import psycopg
import pytest

from ledger_samples import noted
from pg_server import dsn, fresh_schema, skip_without_server
from tests_sizes import size
from trialflow.adapters.ports import Storage
from trialflow.adapters.storages.postgres import PostgresStorage
from trialflow.adapters.storages.verify import verify
from trialflow.model.errors import Conflict

WRITERS = 8


@pytest.fixture
def schema() -> Iterator[str]:
    skip_without_server()
    name = fresh_schema()
    PostgresStorage(dsn(), schema=name).close()
    yield name
    with psycopg.connect(dsn(), autocommit=True) as admin:
        admin.execute(f"DROP SCHEMA IF EXISTS {name} CASCADE".encode())


def together(*acts: Callable[[], None]) -> None:
    """Run each in a thread; what one raises is raised."""
    raised: list[BaseException] = []

    def guarded(act: Callable[[], None]) -> None:
        try:
            act()
        except BaseException as error:
            raised.append(error)

    threads = [threading.Thread(target=guarded, args=(act,), daemon=True) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if raised:
        raise raised[0]


def test_no_update_of_one_lead_is_lost(schema: str) -> None:
    """In each round both read the lead, meet, and append: one on a connection of its own, one as a host's guest."""
    rounds, gate = size(ci=2_000, long=200_000), threading.Barrier(2)
    results: list[list[object]] = [[], []]

    def race(place: int, store: Storage, commit: Callable[[], None], undo: Callable[[], None]) -> None:
        for number in range(rounds):
            version = len(store.read("lead:one")) if number % 100 == 0 else number
            gate.wait()
            try:
                store.append("lead:one", [noted(f"{place}.{number}")], expected_version=version)
                commit()
                results[place].append("stored")
            except Conflict as conflict:
                undo()
                results[place].append((conflict.expected, conflict.actual))
            gate.wait()

    with PostgresStorage(dsn(), schema=schema) as own, psycopg.connect(dsn()) as host:
        guest = PostgresStorage.on(host, schema=schema)
        together(lambda: race(0, own, lambda: None, lambda: None), lambda: race(1, guest, host.commit, host.rollback))
        records = own.read("lead:one")
        assert verify(own).ok
    assert len(records) == rounds, "one of two got through in each round"
    for number, pair in enumerate(zip(*results, strict=True)):
        assert sorted(map(str, pair)) == sorted(["stored", str((number, number + 1))]), f"round {number}: {pair}"
    wins = [sum(result == "stored" for result in side) for side in results]
    assert min(wins) > 0, "each must win at times, or they did not race"


def test_unguarded_writers_are_seen_to_lose_updates(schema: str) -> None:
    """The control: read, then write what one decided, with nothing in between that looks at the version."""
    rounds, gate = 200, threading.Barrier(2)

    def race(link: psycopg.Connection[tuple[int]]) -> None:
        for _ in range(rounds):
            gate.wait()
            [(found,)] = link.execute(f"SELECT done FROM {schema}.lead".encode()).fetchall()
            link.execute(f"UPDATE {schema}.lead SET done = {found + 1}".encode())
            link.commit()

    with psycopg.connect(dsn()) as one, psycopg.connect(dsn()) as other:
        one.execute(f"CREATE TABLE {schema}.lead AS SELECT 0 AS done".encode())
        one.commit()
        together(lambda: race(one), lambda: race(other))
        [(done,)] = one.execute(f"SELECT done FROM {schema}.lead".encode()).fetchall()
    assert done < 2 * rounds


def write(name: int, appends: int, append: Callable[[psycopg.Connection, int], None]) -> int:
    """A host that appends in transactions of its own, dawdles, and takes every fifth back; how many it committed."""
    rng, committed = random.Random(name), 0
    with psycopg.connect(dsn()) as host:
        for _ in range(appends):
            append(host, committed)
            if rng.random() < 0.5:
                time.sleep(rng.uniform(0, 0.002))
            if rng.random() < 0.2:
                host.rollback()
            else:
                host.commit()
                committed += 1
    return committed


def tailed(
    writers: Sequence[Callable[[], int]], above: Callable[[int], list[int]], readers: int
) -> tuple[int, list[list[int]]]:
    """How many appends were committed, and the positions each of ``readers`` saw by reading on while they were."""
    counts: list[int] = []
    done = threading.Event()
    seen: list[list[int]] = [[] for _ in range(readers)]

    def writing() -> None:
        try:
            together(*(partial(_counted, counts, act) for act in writers))
        finally:
            done.set()

    def reading(mine: list[int]) -> None:
        last_round = False
        while not last_round:
            last_round = done.is_set()
            mine += above(mine[-1] if mine else 0)

    together(writing, *(partial(reading, mine) for mine in seen))
    return sum(counts), seen


def _counted(counts: list[int], act: Callable[[], int]) -> None:
    counts.append(act())


def write_alone(name: int, schema: str, appends: int) -> int:
    """A writer with a store of its own, whose appends are transactions of theirs; how many it committed."""
    with PostgresStorage(dsn(), schema=schema) as own:
        for number in range(appends):
            own.append(f"lead:{name}", [noted(f"{name}.{number}")], expected_version=number)
    return appends


def test_reading_on_misses_nothing_under_eight_writers(schema: str) -> None:
    """Six are hosts' guests, two have stores of their own."""
    appends = size(ci=60, long=20_000)

    def append(name: int) -> Callable[[psycopg.Connection, int], None]:
        def one(host: psycopg.Connection, version: int) -> None:
            guest = PostgresStorage.on(host, schema=schema)
            guest.append(f"lead:{name}", [noted(f"{name}.{version}")], expected_version=version)

        return one

    with PostgresStorage(dsn(), schema=schema) as store:
        guests = [partial(write, number, appends, append(number)) for number in range(WRITERS - 2)]
        alone = [partial(write_alone, number, schema, appends) for number in range(WRITERS - 2, WRITERS)]
        committed, seen = tailed(
            [*guests, *alone], lambda last: [r.position for r in store.scan(after=last)], readers=2
        )
        assert seen == [list(range(1, committed + 1))] * 2
        assert verify(store).records == committed
    assert committed < WRITERS * appends, "some were taken back"


def test_reading_on_by_a_sequence_is_seen_to_miss(schema: str) -> None:
    """The control: numbers of a sequence are taken before the commit, so that a lower one may come later."""

    def append(host: psycopg.Connection, _version: int) -> None:
        host.execute(f"INSERT INTO {schema}.naive DEFAULT VALUES".encode())

    with psycopg.connect(dsn(), autocommit=True) as reader:
        reader.execute(f"CREATE TABLE {schema}.naive (id bigserial PRIMARY KEY)".encode())

        def above(last: int) -> list[int]:
            query = f"SELECT id FROM {schema}.naive WHERE id > {last} ORDER BY id"
            return [number for (number,) in reader.execute(query.encode())]

        writers = [partial(write, n, 60, append) for n in range(WRITERS)]
        committed, [seen] = tailed(writers, above, readers=1)
    assert len(seen) < committed
