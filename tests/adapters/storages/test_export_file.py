"""An exported ledger line by line: what is written, what is read again, and what a line must be to be a record."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ledger_samples import Ticking, contacted, noted, received
from trialflow.adapters.ports import RawRecord, Storage
from trialflow.adapters.storages.export_file import FORMAT, ExportFile, export_lines
from trialflow.adapters.storages.memory import MemoryStorage
from trialflow.adapters.storages.verify import verify
from trialflow.model.errors import StorageError
from trialflow.model.recorded import GENESIS


@pytest.fixture
def ledger() -> MemoryStorage:
    store = MemoryStorage(clock=Ticking())
    store.append("lead:ä", [received(), contacted(1, key="k-1")], expected_version=0)
    store.append("lead:b", [received(source="Café 7")], expected_version=0)
    store.append("lead:ä", [noted("n")], expected_version=2)
    return store


@pytest.fixture
def lines(ledger: MemoryStorage) -> list[str]:
    return list(export_lines(ledger))


def written(folder: Path, lines: list[str]) -> ExportFile:
    path = folder / "ledger.jsonl"
    path.write_text("".join(lines), "utf-8")
    return ExportFile(path)


def test_an_export_is_read_again_as_it_was(ledger: MemoryStorage, lines: list[str], tmp_path: Path) -> None:
    file = written(tmp_path, lines)
    assert file.head() == ledger.head()
    assert list(file.raw()) == list(ledger.raw())
    assert list(file.scan()) == list(ledger.scan())
    for after in range(5):
        assert [row.position for row in file.raw(after=after)] == list(range(after + 1, 5))
        assert list(file.scan(after=after)) == list(ledger.scan(after=after))
    assert file.read("lead:ä") == ledger.read("lead:ä")
    assert file.read("lead:none") == ()
    assert list(export_lines(file)) == lines
    assert verify(file, expected_head=ledger.head()).ok


def test_each_line_is_one_record_in_plain_utf8(ledger: MemoryStorage, lines: list[str]) -> None:
    assert all(line.endswith("\n") and line.count("\n") == 1 for line in lines)
    assert "Café 7" in lines[3], "letters stay letters"
    assert '": ' not in lines[1], "nothing between a name and its value"
    position, head = ledger.head()
    assert json.loads(lines[0]) == {"format": FORMAT, "head": head, "position": position}
    for line, row in zip(lines[1:], ledger.raw(), strict=True):
        found = json.loads(line)
        assert list(found) == ["position", "stream", "version", "recorded_at", "event", "prev_hash", "hash"]
        assert (found["position"], found["stream"], found["hash"]) == (row.position, row.stream, row.hash)


class Growing(MemoryStorage):
    """A store that others append to as soon as its head was asked for."""

    def head(self) -> tuple[int, str]:
        found = super().head()
        self.append(f"lead:new{found[0]}", [received()], expected_version=0)
        return found


def test_what_is_appended_meanwhile_is_left_to_the_next_export() -> None:
    store = Growing(clock=Ticking())
    store.append("lead:a", [received()], expected_version=0)
    lines = list(export_lines(store))
    assert json.loads(lines[0])["position"] == 1
    assert len(lines) == 2


class Headless:
    """The least that a store may be: it cannot say where it ends."""

    def __init__(self, store: MemoryStorage) -> None:
        self.append, self.read, self.scan = store.append, store.read, store.scan


def test_a_store_that_knows_no_head_is_exported_whole(ledger: MemoryStorage, lines: list[str], tmp_path: Path) -> None:
    store: Storage = Headless(ledger)
    found = list(export_lines(store))
    assert [json.loads(line) for line in found] == [{"format": FORMAT}, *map(json.loads, lines[1:])]
    assert list(written(tmp_path, found).scan()) == list(ledger.scan())


class Odd(MemoryStorage):
    """A store somebody wrote to by hand: the same event, spaced otherwise."""

    def raw(self, *, after: int = 0) -> Iterator[RawRecord]:
        for row in super().raw(after=after):
            yield row._replace(payload=row.payload.replace('":', '": ')) if row.position == 2 else row


def test_a_payload_that_is_not_in_canonical_form_is_not_exported() -> None:
    store = Odd(clock=Ticking())
    store.append("lead:a", [received(), contacted(1)], expected_version=0)
    with pytest.raises(StorageError, match="position 2") as refused:
        list(export_lines(store))
    assert refused.value.outcome == "not stored"


BROKEN: dict[str, Any] = {
    "no JSON": lambda _: "{",
    "a list": lambda _: [],
    "a text": lambda _: "x",
    "nothing": lambda _: None,
    "no event": lambda found: {**found, "event": None},
    "no date": lambda found: {**found, "recorded_at": "yesterday"},
    "a position in words": lambda found: {**found, "position": "two"},
    **{
        f"no {name}": lambda found, name=name: {key: value for key, value in found.items() if key != name}
        for name in ("position", "stream", "version", "recorded_at", "event", "prev_hash", "hash")
    },
}


@pytest.mark.parametrize("how", BROKEN)
def test_a_line_that_is_no_record_is_told_by_its_number(lines: list[str], tmp_path: Path, how: str) -> None:
    changed = BROKEN[how](json.loads(lines[2]))
    lines[2] = f"{changed if how == 'no JSON' else json.dumps(changed)}\n"
    file = written(tmp_path, lines)
    with pytest.raises(StorageError, match=r"line 3 of ledger\.jsonl is no record") as refused:
        list(file.raw())
    assert refused.value.outcome == "not stored"
    assert verify(file).first_bad_position == 2


@pytest.mark.parametrize("first", ["", "\n", "{", "[]", "{}", '{"format": "trialflow.export/2"}'])
def test_a_file_whose_first_line_names_no_format_is_no_export(tmp_path: Path, first: str) -> None:
    with pytest.raises(StorageError, match=r"ledger\.jsonl is no export.*trialflow\.export/1") as refused:
        written(tmp_path, [first])
    assert refused.value.outcome == "not stored"


def test_an_export_without_a_head_says_that_it_is_empty_of_one(lines: list[str], tmp_path: Path) -> None:
    assert written(tmp_path, [f'{{"format": "{FORMAT}"}}\n', *lines[1:]]).head() == (0, GENESIS)


def test_files_that_cannot_be_read_are_told_by_name_and_cause(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match=r"none\.jsonl cannot be read: No such file") as refused:
        ExportFile(tmp_path / "none.jsonl")
    assert refused.value.outcome == "not stored"
    (tmp_path / "odd.jsonl").write_bytes(b"\xff\xfe")
    with pytest.raises(StorageError, match=r"odd\.jsonl is no text in UTF-8") as refused:
        ExportFile(tmp_path / "odd.jsonl")
    assert refused.value.outcome == "not stored"


def test_an_export_takes_no_append_and_says_where_to(lines: list[str], tmp_path: Path) -> None:
    with pytest.raises(StorageError, match=r"ledger\.jsonl is an export; append to the store") as refused:
        written(tmp_path, lines).append("lead:c", [received()], expected_version=0)
    assert refused.value.outcome == "not stored"
