"""The own-await recipe of docs/async.md under many who write at once, and inside a transaction of the host."""

from __future__ import annotations

import asyncio
import importlib.util
import re
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any

import psycopg
import pytest
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine

import pg_server
from tests_sizes import size
from trialflow import Actor, Conflict, LeadNotFound, Refused, Source, Unsupported, default_workflow
from trialflow.adapters.storages.hosted import storage_on
from trialflow.model.events import Received
from trialflow.model.evolve import fold

PAGE = Path(__file__).parents[2] / "docs" / "async.md"
ANNA = Actor(id="anna", role="coordinator")
AT = datetime(2026, 3, 2, 15, tzinfo=UTC)
WORKFLOW = default_workflow()
WRITERS = 12

Link = psycopg.AsyncConnection[tuple[Any, ...]]


@pytest.fixture(scope="module")
def recipe(tmp_path_factory: pytest.TempPathFactory) -> ModuleType:
    """The block of the page, as a module."""
    found = re.search(r"<!-- file: own_awaits.py -->\n```python\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    assert found is not None
    path = tmp_path_factory.mktemp("page") / "own_awaits.py"
    path.write_text(found[1], "utf-8")
    spec = importlib.util.spec_from_file_location("own_awaits", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def dsn() -> str:
    """A schema of its own on the tests' server."""
    schema = pg_server.fresh_schema()
    with psycopg.connect(pg_server.dsn(), autocommit=True) as db:
        db.execute(f'CREATE SCHEMA "{schema}"'.encode())
    return pg_server.dsn(options=f"-csearch_path={schema}")


def finish(acting: Coroutine[Any, Any, None]) -> None:
    """Run it to its end in a thread of its own: a browser of other tests keeps an event loop running in this one."""
    with ThreadPoolExecutor(1) as pool:
        pool.submit(asyncio.run, acting).result()


def run(dsn: str, recipe: ModuleType, act: Callable[[Link, str], Awaitable[None]], lead: str) -> None:
    """``act`` on a new lead, with one connection."""

    async def acting() -> None:
        async with await psycopg.AsyncConnection.connect(dsn) as db:
            await db.execute(recipe.TABLE)
            arrived = Received(at=AT, by=ANNA, source=Source(id="Radio"), owner="anna", status=WORKFLOW.initial)
            await recipe.append(db, f"lead:{lead}", [arrived], expected_version=0)
            await db.commit()
            await act(db, lead)

    finish(acting())


def test_of_many_at_once_one_wins(recipe: ModuleType, dsn: str) -> None:
    async def click(lead: str) -> str:
        async with await psycopg.AsyncConnection.connect(dsn) as db:
            try:
                await recipe.move(db, WORKFLOW, lead, "contacting", by=ANNA, at=AT, expected_version=1)
            except Conflict as conflict:
                return f"saw {conflict.expected}, is {conflict.actual}"
            return "moved"

    async def act(db: Link, lead: str) -> None:
        answers = await asyncio.gather(*(click(lead) for _ in range(WRITERS)))
        assert Counter(answers) == {"moved": 1, "saw 1, is 2": WRITERS - 1}
        records = await recipe.read(db, f"lead:{lead}")
        assert [record.event.kind for record in records] == ["received", "moved"]

    for number in range(size(ci=3, long=100)):
        run(dsn, recipe, act, f"many-{number}")


def test_it_joins_the_transaction_of_the_host(recipe: ModuleType, dsn: str) -> None:
    """Rolled back with it; and a conflict leaves it usable, with what the host wrote before."""

    async def act(db: Link, lead: str) -> None:
        await recipe.move(db, WORKFLOW, lead, "contacting", by=ANNA, at=AT, expected_version=1)
        await db.rollback()
        assert len(await recipe.read(db, f"lead:{lead}")) == 1
        await db.execute("CREATE TABLE IF NOT EXISTS hosts_own (text text)")
        await db.execute("INSERT INTO hosts_own VALUES ('kept')")
        moved = fold(await recipe.read(db, f"lead:{lead}"))
        events = recipe.decide.move(WORKFLOW, moved, "contacting", at=AT, by=ANNA)
        with pytest.raises(Conflict):
            await recipe.append(db, f"lead:{lead}", events, expected_version=0)
        await db.commit()
        assert await (await db.execute("SELECT text FROM hosts_own")).fetchall() == [("kept",)]

    run(dsn, recipe, act, "hosts")


def test_what_the_rules_refuse_and_what_is_not_there(recipe: ModuleType, dsn: str) -> None:
    async def act(db: Link, lead: str) -> None:
        with pytest.raises(Refused) as refused:
            await recipe.move(db, WORKFLOW, lead, "closed", by=ANNA, at=AT, expected_version=1)
        assert [one.code for one in refused.value.refusals] == ["reason_missing"]
        with pytest.raises(LeadNotFound):
            await recipe.move(db, WORKFLOW, "nobody", "closed", by=ANNA, at=AT, expected_version=1)
        with pytest.raises(Conflict):
            await recipe.move(db, WORKFLOW, lead, "contacting", by=ANNA, at=AT, expected_version=7)
        assert len(await recipe.read(db, f"lead:{lead}")) == 1

    run(dsn, recipe, act, "refused")


def test_an_asynchronous_connection_is_refused(dsn: str) -> None:
    """The page says so: a store on it would hand out coroutines in place of records."""

    async def acting() -> None:
        engine = create_async_engine("postgresql+psycopg://", connect_args=psycopg.conninfo.conninfo_to_dict(dsn))
        try:
            async with AsyncSession(engine) as session:
                with pytest.raises(Unsupported, match="psycopg"):
                    await session.run_sync(lambda own: storage_on(own).read("lead:any"))
        finally:
            await engine.dispose()

    finish(acting())
