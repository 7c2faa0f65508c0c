"""The tamper matrix: every way to change a ledger on disk is found, or known not to be, with and without an anchor."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest

from histories import played
from ledger_samples import Ticking, contacted, day, noted, received
from replayed import Replayed
from tests_sizes import size
from trialflow.adapters.storages.memory import MemoryStorage
from trialflow.adapters.storages.sqlite import SqliteStorage
from trialflow.adapters.storages.verify import Verification, verify
from trialflow.model.recorded import GENESIS, next_head, seal

Row = list[int | str | None]
Rows = list[Row]
POSITION, STREAM, VERSION, RECORDED, PAYLOAD, BEFORE, HASH, KEY = range(8)
LEADS, EACH = 5, 6


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, tuple[int, str]]:
    path = tmp_path_factory.mktemp("ledger") / "site.db"
    with SqliteStorage(path, clock=Ticking()) as store:
        for number in range(EACH):
            for lead in range(LEADS):
                at = day(number + lead / 10)
                event = received(at, source=f"s{lead}") if number == 0 else contacted(number, at)
                store.append(f"lead:{lead}", [event], expected_version=number)
        head = store.head()
    with closing(sqlite3.connect(path)) as db:
        db.execute("VACUUM")  # no copies of records in free space, where flipped bits mean nothing
    return path, head


def _tampered(ledger: Path, target: Path, change: Callable[[Rows], Rows], *, head: bool) -> Path:
    """A copy of ``ledger`` whose rows went through ``change``; ``head``: the stored head is made to fit, too."""
    target.write_bytes(ledger.read_bytes())
    with closing(sqlite3.connect(target, isolation_level=None)) as db:
        triggers = db.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'").fetchall()
        for name, _ in triggers:
            db.execute(f"DROP TRIGGER {name}")
        rows = change([list(row) for row in db.execute("SELECT * FROM events ORDER BY position")])
        db.execute("DELETE FROM events")
        db.executemany("INSERT INTO events VALUES (?,?,?,?,?,?,?,?)", rows)
        if head:
            chain = GENESIS
            for row in rows:
                chain = next_head(chain, str(row[HASH]))
            db.execute("UPDATE meta SET position = ?, head = ?", (len(rows), chain))
            db.execute("UPDATE lead_kept SET position = 0")  # what follows from the events is made anew: no trace there
        for _, sql in triggers:
            db.execute(sql)
    return target


def _verdict(path: Path, anchor: tuple[int, str] | None = None) -> Verification:
    with SqliteStorage(path) as store:
        return verify(store, expected_head=anchor)


def _reseal(rows: Rows) -> Rows:
    """Every link sealed anew: what somebody does who knows the format."""
    tails: dict[int, tuple[int, str]] = {}
    for position, row in enumerate(rows, start=1):
        version, before = tails.get(int(str(row[STREAM])), (0, GENESIS))
        row[POSITION], row[VERSION], row[BEFORE] = position, version + 1, before
        name = f"lead:{int(str(row[STREAM])) - 1}"
        row[HASH] = seal(before, name, version + 1, position, int(str(row[RECORDED])), str(row[PAYLOAD]))
        tails[int(str(row[STREAM]))] = (version + 1, str(row[HASH]))
    return rows


def _edit(rows: Rows, k: int) -> Rows:
    rows[k][PAYLOAD] = str(rows[k][PAYLOAD]).replace("2026", "2025")
    return rows


def _flip(rows: Rows, k: int) -> Rows:
    text = str(rows[k][PAYLOAD])
    middle = len(text) // 2
    rows[k][PAYLOAD] = text[:middle] + chr(ord(text[middle]) ^ 1) + text[middle + 1 :]
    return rows


def _swap(rows: Rows, k: int) -> Rows:
    other = k - 1 if k else k + 1
    rows[k][PAYLOAD], rows[other][PAYLOAD] = rows[other][PAYLOAD], rows[k][PAYLOAD]
    return rows


def _swap_whole(rows: Rows, k: int) -> Rows:
    other = k - 1 if k else k + 1
    rows[k], rows[other] = rows[other], rows[k]
    rows[k][POSITION], rows[other][POSITION] = k + 1, other + 1
    return rows


def _delete(rows: Rows, k: int) -> Rows:
    return rows[:k] + rows[k + 1 :]


def _delete_and_renumber(rows: Rows, k: int) -> Rows:
    rows = _delete(rows, k)
    tails: dict[object, int] = {}
    for position, row in enumerate(rows, start=1):
        row[POSITION] = position
        row[VERSION] = tails[row[STREAM]] = tails.get(row[STREAM], 0) + 1
    return rows


def _duplicate(rows: Rows, k: int) -> Rows:
    copy = list(rows[k])
    last = max(int(str(r[VERSION])) for r in rows if r[STREAM] == copy[STREAM])
    copy[POSITION], copy[VERSION] = len(rows) + 1, last + 1
    return [*rows, copy]


def _replay_for_another_lead(rows: Rows, k: int) -> Rows:
    donor = rows[(k + 1) % len(rows)]
    for column in (RECORDED, PAYLOAD, BEFORE, HASH):
        rows[k][column] = donor[column]
    return rows


def _give_to_another_lead(rows: Rows, k: int) -> Rows:
    streams = {int(str(r[STREAM])) for r in rows}
    rows[k][STREAM] = int(str(rows[k][STREAM])) % len(streams) + 1
    taken = [int(str(r[VERSION])) for j, r in enumerate(rows) if r[STREAM] == rows[k][STREAM] and j != k]
    rows[k][VERSION] = max(taken) + 1
    return rows


def _backdate(rows: Rows, k: int) -> Rows:
    rows[k][RECORDED] = int(str(rows[k][RECORDED])) - 86_400_000_000
    return rows


def _seal_alone(rows: Rows, k: int) -> Rows:
    row = _edit(rows, k)[k]
    row[HASH] = seal(
        str(row[BEFORE]),
        f"lead:{int(str(row[STREAM])) - 1}",
        int(str(row[VERSION])),
        int(str(row[POSITION])),
        int(str(row[RECORDED])),
        str(row[PAYLOAD]),
    )
    return rows


MUTATIONS = {
    f.__name__.strip("_"): f
    for f in (
        _edit,
        _flip,
        _swap,
        _swap_whole,
        _delete,
        _delete_and_renumber,
        _duplicate,
        _replay_for_another_lead,
        _give_to_another_lead,
        _backdate,
        _seal_alone,
    )
}


@pytest.mark.parametrize("name", MUTATIONS)
def test_every_change_is_found_and_named(ledger: tuple[Path, tuple[int, str]], tmp_path: Path, name: str) -> None:
    """Without any anchor, and even though the stored head was made to fit."""
    path, _ = ledger
    rng = random.Random(name)
    for round_ in range(size(ci=6, long=200)):
        k = rng.randrange(LEADS * EACH)
        found = _verdict(_tampered(path, tmp_path / "t.db", partial(MUTATIONS[name], k=k), head=True))
        # The end of a stream may be sealed anew, and the end of the store left out: no later link tells.
        resealed = name == "seal_alone" and k >= LEADS * (EACH - 1)
        cut = name in ("delete", "delete_and_renumber") and k == LEADS * EACH - 1
        assert found.ok == (resealed or cut), (name, k, round_)
        if found.ok:
            continue
        exact = name in ("edit", "flip", "backdate", "replay_for_another_lead", "delete", "delete_and_renumber")
        earliest = {"duplicate": LEADS * EACH + 1, "swap": max(k, 1), "swap_whole": max(k, 1)}.get(name, k + 1)
        assert found.first_bad_position is not None
        assert found.first_bad_position == earliest if exact else found.first_bad_position >= earliest


@pytest.mark.parametrize("name", MUTATIONS)
def test_with_an_anchor_every_change_is_found(ledger: tuple[Path, tuple[int, str]], tmp_path: Path, name: str) -> None:
    path, anchor = ledger
    rng = random.Random(name)
    for _ in range(size(ci=4, long=100)):
        k = rng.randrange(LEADS * EACH)
        changed = _tampered(path, tmp_path / "t.db", partial(MUTATIONS[name], k=k), head=True)
        if name != "duplicate":  # it comes after the anchor; its own link gives it away
            assert not _verdict(changed, anchor).ok, (name, k)


def test_what_cannot_be_told_without_an_anchor(ledger: tuple[Path, tuple[int, str]], tmp_path: Path) -> None:
    """A cut tail, and a suffix sealed anew, each with the stored head rewritten. An anchor tells."""
    path, anchor = ledger
    cut = _tampered(path, tmp_path / "cut.db", lambda rows: rows[:-7], head=True)
    assert _verdict(cut).ok
    found = _verdict(cut, anchor)
    assert (found.code, found.first_bad_position) == ("tail_cut", LEADS * EACH - 6)

    forged = _tampered(path, tmp_path / "forged.db", lambda rows: _reseal(_edit(rows, 11)), head=True)
    assert _verdict(forged).ok
    found = _verdict(forged, anchor)
    assert (found.code, found.first_bad_position) == ("anchor_mismatch", LEADS * EACH)
    assert not _verdict(forged, _head_at(path, 12)).ok
    assert _verdict(forged, _head_at(path, 11)).ok, "an anchor before the forgery cannot know of it"


def _head_at(path: Path, position: int) -> tuple[int, str]:
    head = GENESIS
    with SqliteStorage(path) as store:
        for row in list(store.raw())[:position]:
            head = next_head(head, row.hash)
    return position, head


def test_a_cut_tail_whose_head_was_left_is_found(ledger: tuple[Path, tuple[int, str]], tmp_path: Path) -> None:
    path, _ = ledger
    found = _verdict(_tampered(path, tmp_path / "t.db", lambda rows: rows[:-1], head=False))
    assert (found.code, found.first_bad_position) == ("head_mismatch", LEADS * EACH)


def test_flipped_bytes_of_the_file_are_found(ledger: tuple[Path, tuple[int, str]], tmp_path: Path) -> None:
    """Any flipped bit within a record; the file may refuse to open, which is an answer as well."""
    path, _ = ledger
    whole = path.read_bytes()
    rng = random.Random(7)
    places = [m for m in range(len(whole)) if whole.startswith(b'"kind":"contact_attempted"', m)]
    for place in rng.sample(places, min(len(places), size(ci=12, long=24))):
        raw = bytearray(whole)
        raw[place + rng.randrange(26)] ^= 1 << rng.randrange(8)
        target = tmp_path / "flipped.db"
        target.write_bytes(raw)
        found = _verdict(target)
        assert not found.ok
        assert found.code in ("record_changed", "unreadable")


def test_the_record_on_a_damaged_page_is_named(tmp_path: Path) -> None:
    """One page of the file is unreadable: every record before the one that lies on it is still seen."""
    path = tmp_path / "site.db"
    with SqliteStorage(path, clock=Ticking()) as store:
        for number in range(6):
            store.append("site:main", [noted("n" if number != 3 else "x" * 20_000)], expected_version=number)
    raw, page = bytearray(path.read_bytes()), 4096
    full = [at for at in range(0, len(raw), page) if raw[at + 4 : at + page] == b"x" * (page - 4)]
    raw[full[1] : full[1] + 4] = (1_000_000).to_bytes(4, "big")  # the next page of the text: there is none such
    path.write_bytes(raw)
    found = _verdict(path)
    assert (found.code, found.first_bad_position, found.records) == ("unreadable", 4, 3)


def test_verify_is_not_confused_by_a_writer(tmp_path: Path) -> None:
    """Records appended while it reads are left for the next time."""
    with SqliteStorage(tmp_path / "site.db", clock=Ticking()) as store:
        store.append("lead:a", [received()], expected_version=0)

        class Busy(MemoryStorage):
            def head(self) -> tuple[int, str]:
                found = super().head()
                if len(self._records) < 3:
                    self.append("lead:a", [contacted(len(self._records))], expected_version=len(self._records))
                return found

        busy = Busy(clock=Ticking())
        busy.append("lead:a", [received()], expected_version=0)
        assert verify(busy).ok
        assert verify(store).ok


def test_a_store_without_raw_rows_is_verified_through_its_events() -> None:
    """Of a storage of a host's own, that has nothing but the three methods."""
    records = played(seed=3, steps=80).records
    assert verify(Replayed(records)).records == len(records)
    changed = [*records[:5], records[5]._replace(recorded_at=day(400)), *records[6:]]
    assert verify(Replayed(changed)).first_bad_position == 6
    assert verify(Replayed([*records[:5], *records[6:]])).first_bad_position == 6
