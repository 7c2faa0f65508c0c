"""Pulling from a lead source: each inquiry once, a bad one alone refused, and no way to lose one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger_samples import MONDAY, Ticking
from tests_sizes import size
from trialflow import Actor, Problem, Source, SourceError, StorageError, Tracker
from trialflow.adapters.hooks import hookimpl
from trialflow.adapters.plugins import Plugins
from trialflow.adapters.ports import Append, Batch, Entry, Inquiry
from trialflow.adapters.storages.memory import MemoryStorage
from trialflow.adapters.storages.vault_memory import MemoryVault
from trialflow.model.events import Event
from trialflow.model.recorded import Recorded

RADIO = Source(id="Radio")


def inquiry(number: int, **other: Any) -> Inquiry:
    values: dict[str, Any] = {"person": {"name": f"Person {number}"}, "at": MONDAY, "source": RADIO}
    return Inquiry(**{"external_id": str(number), **values, **other})


@attrs.define
class Pages:
    """A source over a list, ``page`` at a time; its cursor is how many it gave."""

    have: list[Inquiry]
    page: int = 2
    fetched: int = 0

    def fetch(self, cursor: str | None) -> Batch:
        self.fetched += 1
        start = int(cursor or 0)
        given = tuple(self.have[start : start + self.page])
        end = start + len(given)
        return Batch(given, str(end) if end else cursor, end < len(self.have))


@attrs.define
class Script:
    """A source that answers with one thing after the other; what is an error is raised."""

    answers: list[Any]

    def fetch(self, cursor: str | None) -> Batch:
        answer = self.answers.pop(0)
        if isinstance(answer, BaseException):
            raise answer
        return answer  # type: ignore[no-any-return]


def tracker() -> Tracker:
    return Tracker(clock=Ticking(MONDAY + timedelta(hours=1)))


def names(found: Tracker) -> list[str]:
    return sorted(found.identity(lead.id)["name"] for lead in found.leads())


def test_a_pull_takes_all_and_the_next_one_what_is_new() -> None:
    found, source = tracker(), Pages([inquiry(n) for n in range(5)])
    first = found.pull(source, name="web")
    assert (first.received, first.created, first.duplicate, first.refused, first.more) == (5, 5, 0, 0, False)
    again = found.pull(source, name="web")
    assert (again.received, source.fetched) == (0, 4), "three pages, then one look"
    source.have += [inquiry(5), inquiry(2)]
    third = found.pull(source, name="web")
    assert (third.created, third.duplicate) == (1, 1)
    assert names(found) == [f"Person {n}" for n in range(6)]


def test_a_lead_holds_what_the_source_said_and_who_received_it() -> None:
    found = tracker()
    said = inquiry(1, study="S-1", owner="u7", person_ref="p-1", at=MONDAY.astimezone())
    found.pull(Pages([said]), name="web")
    (record,) = found.storage.scan()
    event: Any = record.event
    assert (event.at, event.source, event.study, event.owner, event.person_ref) == (MONDAY, RADIO, "S-1", "u7", "p-1")
    assert event.by == Actor(id="web", kind="source", role="source")
    nurse = Actor(id="u1", role="coordinator")
    found.pull(Pages([inquiry(2)]), name="other", by=nurse)
    assert [record.event.by for record in found.storage.scan(after=1)] == [nurse]


def test_two_sources_are_remembered_apart() -> None:
    found = tracker()
    found.pull(Pages([inquiry(n) for n in range(3)]), name="web")
    assert found.pull(Pages([inquiry(9)]), name="agency").created == 1


def test_the_cursor_outlives_the_process(tmp_path: Path) -> None:
    source = Pages([inquiry(n) for n in range(3)])
    with Tracker.open(tmp_path / "site.db") as found:
        found.pull(source, name="web")
    source.have.append(inquiry(3))
    with Tracker.open(tmp_path / "site.db") as found:
        report = found.pull(source, name="web")
    assert (report.received, report.created) == (1, 1)


def test_restart_begins_with_the_oldest_and_knows_them_all() -> None:
    found, source = tracker(), Pages([inquiry(n) for n in range(3)])
    found.pull(source, name="web")
    report = found.pull(source, name="web", restart=True)
    assert (report.received, report.duplicate) == (3, 3)


def test_a_limit_ends_with_the_batch_that_reaches_it_and_loses_nothing() -> None:
    found, source = tracker(), Pages([inquiry(n) for n in range(5)])
    first = found.pull(source, name="web", limit=3)
    assert (first.received, first.more) == (4, True)
    second = found.pull(source, name="web", limit=3)
    assert (second.received, second.created, second.more) == (1, 1, False)


@pytest.mark.parametrize(
    ("slip", "codes"),
    [
        ({"external_id": "  "}, {"external_id_blank"}),
        ({"external_id": 7}, {"inquiry_malformed"}),
        ({"external_id": "\ud800"}, {"inquiry_malformed"}),
        ({"at": datetime(2026, 3, 2, 9)}, {"at_naive"}),  # noqa: DTZ001 - that is the slip
        ({"at": "2026-03-02T09:00:00Z"}, {"inquiry_malformed"}),
        ({"at": datetime(2036, 3, 2, 9, tzinfo=UTC)}, {"at_in_future"}),
        ({"source": Source(id=" ")}, {"source_blank"}),
        ({"source": Source(id="ann@example.org")}, {"source_is_contact"}),
        ({"source": "Radio"}, {"inquiry_malformed"}),
        ({"source": Source(id="Radio", channel=3)}, {"inquiry_malformed"}),  # type: ignore[arg-type]
        ({"owner": "call her in the evening"}, {"not_a_code"}),
        ({"study": None}, {"inquiry_malformed"}),
        ({"person": ["Ann Example"]}, {"inquiry_malformed"}),
        ({"person": {"name": None}}, {"inquiry_malformed"}),
        ({"person": {"name": "Ann \udcff"}}, {"inquiry_malformed"}),
        ({"where": 3}, {"inquiry_malformed"}),
        ({"external_id": "", "owner": "a b"}, {"external_id_blank", "not_a_code"}),
        ({"study": "a b", "at": datetime(2026, 3, 2)}, {"not_a_code", "at_naive"}),  # noqa: DTZ001
    ],
)  # fmt: skip
def test_a_bad_inquiry_is_refused_with_every_reason_and_stops_no_other(slip: dict[str, Any], codes: set[str]) -> None:
    found = tracker()
    report = found.pull(Pages([inquiry(1), inquiry(2, **slip), inquiry(3)], page=3), name="web")
    assert (report.received, report.created, report.refused) == (3, 2, 1)
    assert {problem.code for problem in report.problems} == codes
    assert {problem.path for problem in report.problems} == {"inquiry 2 of this pull"}
    assert names(found) == ["Person 1", "Person 3"]
    assert "Person" not in str(report.problems)


def test_an_inquiry_that_is_none_and_a_record_that_is_no_inquiry_are_refused_alike() -> None:
    lost = Problem("form.jsonl, line 3", "not_json", "this is no JSON")
    strange: Any = {"external_id": "2"}
    report = tracker().pull(Script([Batch((inquiry(1), strange), "2", False, (lost,))]), name="web")
    assert (report.received, report.created, report.refused) == (3, 1, 2)
    assert [problem.code for problem in report.problems] == ["not_json", "inquiry_malformed"]


def test_a_place_at_the_source_is_named() -> None:
    report = tracker().pull(Pages([inquiry(1, study="a b", where="form.jsonl, line 7")]), name="web")
    assert [problem.path for problem in report.problems] == ["form.jsonl, line 7"]


@pytest.mark.parametrize(
    ("failure", "told"),
    [
        (SourceError("forms", "the server answered 503; pull again later"), "the server answered 503"),
        (KeyError("Ann Example"), "KeyError at test_pulling.py, line "),
        (SystemExit("Ann Example"), "SystemExit at"),
        ("no batch", "is str, no Batch"),
        (Batch((), 7), "int for a cursor"),  # type: ignore[arg-type]
        (Batch("ab", "7"), "no tuple of inquiries"),  # type: ignore[arg-type]
        (Batch((), "7", problems=("x",)), "problems that are no Problem"),  # type: ignore[arg-type]
        (Batch((inquiry(3),), "1", more=True), "its cursor stands still"),
        (Batch((inquiry(3),), None, more=True), "its cursor stands still"),
    ],
)  # fmt: skip
def test_a_source_that_fails_is_told_and_what_came_before_stays(failure: Any, told: str) -> None:
    found = tracker()
    with pytest.raises(SourceError) as raised:
        found.pull(Script([Batch((inquiry(1),), "1", more=True), failure]), name="web")
    assert raised.value.source == "web"
    assert told in raised.value.detail
    assert "Ann" not in str(raised.value)
    assert raised.value.report.created >= 1
    assert "Person 1" in names(found)
    resumed = found.pull(Script([Batch((inquiry(1), inquiry(2)), "2")]), name="web")
    assert (resumed.duplicate, resumed.created) == (1, 1)


@pytest.mark.parametrize("wrong", [{"name": ""}, {"name": "the web form"}, {"name": "web", "limit": 0}])
def test_a_name_is_a_code_and_a_limit_a_number(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="is "):
        tracker().pull(Pages([]), **wrong)


class Failing(MemoryVault):
    """A vault that fails at the calls of these numbers, before or after it has written."""

    def __init__(self, at: Iterable[int], after: bool) -> None:
        super().__init__()
        self.calls, self.at, self.after = 0, frozenset(at), after

    def put(self, entries: Iterable[Entry]) -> None:
        self.calls += 1
        if self.calls in self.at and not self.after:
            raise StorageError("not stored", "the disk is full")
        super().put(entries)
        if self.calls in self.at:
            raise StorageError("unknown", "the disk went away")


@settings(max_examples=size(ci=60, long=2_000), deadline=None)
@given(
    numbers=st.lists(st.integers(0, 12), max_size=16),
    page=st.integers(1, 5),
    failures=st.sets(st.integers(1, 30), max_size=12),
    after=st.booleans(),
)
def test_wherever_a_pull_is_cut_off_the_next_ones_lose_and_double_nothing(
    numbers: Sequence[int], page: int, failures: set[int], after: bool
) -> None:
    clock = Ticking(MONDAY + timedelta(hours=1))
    found = Tracker(MemoryStorage(clock=clock), Failing(failures, after), clock=clock)
    source = Pages([inquiry(n) for n in numbers], page)
    for _ in range(len(failures) + 1):
        try:
            found.pull(source, name="web")
        except StorageError:
            continue
        break
    assert names(found) == sorted(f"Person {n}" for n in set(numbers))
    assert found.pull(source, name="web").received == 0


def test_a_cursor_is_kept_only_behind_what_it_stands_for() -> None:
    """The vault fails at the first identity of the second page: the cursor is the first page's."""
    clock = Ticking(MONDAY + timedelta(hours=1))
    vault = Failing({4}, after=False)
    found = Tracker(MemoryStorage(clock=clock), vault, clock=clock)
    with pytest.raises(StorageError):
        found.pull(Pages([inquiry(n) for n in range(4)]), name="web")
    assert vault.get("cursor", "web") == "2"


class Raced(MemoryStorage):
    """A store in which somebody else receives ``others`` just before this one appends a batch."""

    others: tuple[Append, ...] = ()

    def append_batch(self, parts: Sequence[Append]) -> Sequence[Recorded]:
        others, self.others = self.others, ()
        for part in others:
            super().append_batch([part])
        return super().append_batch(parts)


def test_who_receives_the_same_at_this_moment_is_no_conflict() -> None:
    """The others are recorded one by one then, and it is counted who created what."""
    clock = Ticking(MONDAY + timedelta(hours=1))
    elsewhere = tracker()
    elsewhere.pull(Pages([inquiry(2)]), name="web")
    (theirs,) = elsewhere.storage.scan()
    raced = Raced(clock=clock)
    raced.others = (Append(theirs.stream, (theirs.event,), 0),)
    found = Tracker(raced, MemoryVault(), clock=clock)
    report = found.pull(Pages([inquiry(n) for n in range(4)], page=4), name="web")
    assert (report.received, report.created, report.duplicate) == (4, 3, 1)
    assert names(found) == [f"Person {n}" for n in range(4)]


def test_one_that_comes_twice_in_a_batch_is_one_lead_with_its_first_identity() -> None:
    found = tracker()
    twice = [inquiry(1), inquiry(1, person={"name": "Somebody else"})]
    report = found.pull(Pages(twice), name="web")
    assert (report.created, report.duplicate) == (1, 1)
    assert names(found) == ["Person 1"]


def test_who_was_erased_stays_so() -> None:
    found = tracker()
    found.pull(Pages([inquiry(1)]), name="web")
    (lead,) = found.leads()
    found.erase(lead.id, by=Actor(id="u1", role="site_lead"), reason="withdrawn")
    assert found.pull(Pages([inquiry(1)]), name="web", restart=True).duplicate == 1
    assert not found.receive(RADIO, "1", by=Actor(id="u1"), person={"name": "Person 1"}).created
    assert [*found.vault.items("identity")] == []


def test_large_batches_are_recorded_in_few_appends() -> None:
    @attrs.define
    class Counting:
        inner: MemoryStorage
        appends: int = 0

        def append(self, stream: str, events: Sequence[Event], *, expected_version: int) -> Sequence[Recorded]:
            raise AssertionError("one at a time would wait for the disk at each")

        def append_batch(self, parts: Sequence[Append]) -> Sequence[Recorded]:
            self.appends += 1
            return self.inner.append_batch(parts)

        def read(self, stream: str) -> Sequence[Recorded]:
            return self.inner.read(stream)

        def scan(self, *, after: int = 0) -> Iterable[Recorded]:
            return self.inner.scan(after=after)

    clock = Ticking(MONDAY + timedelta(hours=1))
    counting = Counting(MemoryStorage(clock=clock))
    found = Tracker(counting, MemoryVault(), clock=clock)
    report = found.pull(Pages([inquiry(n) for n in range(1_200)], 1_200), name="web")
    assert (report.created, counting.appends) == (1_200, 3)


def test_what_a_pull_records_is_announced_to_plugins() -> None:
    heard: list[int] = []

    class Screen:
        @hookimpl
        def trialflow_recorded(self, records: Sequence[Recorded]) -> None:
            heard.extend(record.position for record in records)

    plugins = Plugins(Screen())
    found = Tracker(clock=Ticking(MONDAY + timedelta(hours=1)), plugins=plugins)
    found.pull(Pages([inquiry(n) for n in range(3)]), name="web")
    assert plugins.wait(10)
    assert heard == [1, 2, 3]
