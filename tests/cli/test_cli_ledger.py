"""``verify`` and ``export``: the ledger is whole, an export can be checked alone, and damage is found."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from trialflow.adapters.storages.export_file import ExportFile, export_lines
from trialflow.adapters.storages.memory import MemoryStorage
from trialflow.adapters.storages.opening import open_store
from trialflow.adapters.storages.verify import verify
from trialflow.model.errors import StorageError
from trialflow.tracker import Tracker

from .conftest import Run


@pytest.fixture
def exported(run: Run, site: Path, tmp_path: Path) -> Path:
    path = tmp_path / "ledger.jsonl"
    assert run("export", "--out", path).code == 0
    return path


def test_a_ledger_is_intact_and_says_its_anchor(run: Run, site: Path) -> None:
    ran = run("verify")
    assert ran.code == 0
    assert ran.out.startswith("intact")
    anchor = ran.out.split("anchor ")[1].strip()
    assert run("verify", "--anchor", anchor).code == 0
    found = run("verify", "--json").json
    assert found["format"] == "trialflow.verify/1"
    assert f"{found['records']}:{found['head']}" == anchor


def test_an_anchor_of_a_longer_ledger_finds_the_cut(run: Run, site: Path) -> None:
    anchor = run("verify").out.split("anchor ")[1].strip()
    position, _, head = anchor.partition(":")
    cut = run("verify", "--anchor", f"{int(position) + 1}:{head}")
    assert cut.code == 1
    assert "DAMAGED" in cut.out
    other = run("verify", "--anchor", f"{position}:{'0' * 64}")
    assert other.code == 1


@pytest.mark.parametrize("anchor", ["12", "12:abc", "x:" + "0" * 64, ":"])
def test_what_is_no_anchor_is_said(run: Run, site: Path, anchor: str) -> None:
    ran = run("verify", "--anchor", anchor)
    assert ran.code == 2
    assert "POSITION:HEAD" in ran.err


def test_an_export_holds_every_record_as_it_was_sealed(run: Run, site: Path, exported: Path) -> None:
    storage, _ = open_store(site)
    lines = [json.loads(line) for line in exported.read_text("utf-8").splitlines()]
    header, records = lines[0], lines[1:]
    assert header == {"format": "trialflow.export/1", "position": len(records), "head": storage.head()[1]}
    assert [row["hash"] for row in records] == [record.hash for record in storage.scan()]
    assert tuple(ExportFile(exported).scan()) == tuple(storage.scan())
    stream = records[7]["stream"]
    assert ExportFile(exported).read(stream) == tuple(storage.read(stream))
    assert run("export").out == exported.read_text("utf-8")


def test_an_export_is_checked_without_the_store(run: Run, site: Path, exported: Path) -> None:
    site.unlink()
    ran = run("verify", "--file", exported)
    assert ran.code == 0
    assert ran.out.startswith("intact")


def test_a_store_without_a_stored_head_can_be_exported(tmp_path: Path) -> None:
    from trialflow.model.parties import Actor

    tracker = Tracker(MemoryStorage())
    tracker.receive("Radio", "1", by=Actor(id="a", role="coordinator"))

    class Narrow:
        """Only what the protocol of a storage asks for."""

        def __init__(self, inner: MemoryStorage) -> None:
            self.append, self.read, self.scan = inner.append, inner.read, inner.scan

    assert isinstance(tracker.storage, MemoryStorage)
    path = tmp_path / "narrow.jsonl"
    path.write_text("".join(export_lines(Narrow(tracker.storage))), "utf-8")
    assert json.loads(path.read_text("utf-8").splitlines()[0]) == {"format": "trialflow.export/1"}
    assert [row.position for row in ExportFile(path).raw()] == [1]


@pytest.mark.parametrize("place", [1, 5, -1])
def test_a_changed_record_is_found_at_its_place(run: Run, site: Path, exported: Path, place: int) -> None:
    lines = exported.read_text("utf-8").splitlines()
    record = json.loads(lines[place])
    record["event"]["at"] = "2020-01-01T00:00:00Z"
    lines[place] = json.dumps(record)
    exported.write_text("\n".join(lines), "utf-8")
    ran = run("verify", "--file", exported, "--json")
    assert ran.code == 1
    assert ran.json["first_bad_position"] == record["position"]


def test_a_cut_export_is_found(run: Run, site: Path, exported: Path) -> None:
    lines = exported.read_text("utf-8").splitlines(keepends=True)
    exported.write_text("".join(lines[:-1]), "utf-8")
    assert run("verify", "--file", exported).code == 1
    exported.write_text("".join(lines)[:-40], "utf-8")
    ran = run("verify", "--file", exported)
    assert ran.code == 1
    assert "is no record" in ran.out


@pytest.mark.parametrize("content", [b"", b"{}\n", b"hello\n", b"[1]\n", b"\xff\xfe\n"])
def test_a_file_that_is_no_export_is_said(run: Run, tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "no.jsonl"
    path.write_bytes(content)
    ran = run("verify", "--file", path)
    assert ran.code == 3
    assert "no.jsonl" in ran.err


def test_an_export_is_no_store(exported: Path) -> None:
    with pytest.raises(StorageError, match="is an export"):
        ExportFile(exported).append("lead:1", [], expected_version=0)
    assert verify(ExportFile(exported)).ok


def test_an_export_never_overwrites(run: Run, site: Path, exported: Path, tmp_path: Path) -> None:
    before = exported.read_bytes()
    ran = run("export", "--out", exported)
    assert ran.code == 3
    assert "name a new file" in ran.err
    assert exported.read_bytes() == before
    assert run("export", "--out", tmp_path / "no" / "such" / "place").code == 3
