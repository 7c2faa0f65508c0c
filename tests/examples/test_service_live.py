"""The example service as it is started, over real stores: first start and restart, and many who click at once."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

import pg_server
from service_site import ANA, Running, lead_of, running
from serving import HOST, client
from trialflow import Actor
from trialflow.adapters.storages.memory import MemoryStorage
from trialflow.adapters.storages.opening import open_store
from trialflow.adapters.storages.postgres import PostgresStorage
from trialflow.adapters.storages.vault_postgres import PostgresVault
from trialflow.model.recorded import Recorded
from trialflow.rules import loading
from trialflow_service.app import THREADS
from trialflow_service.people import HEADER
from trialflow_service.settings import VARIABLES, Settings
from trialflow_service.store import open_tracker

CLICKS = 50
_SECONDS = 60


@pytest.fixture(params=["memory", "files", "postgres"])
def service(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Running]:
    """A service over each kind of store."""
    if request.param == "memory":
        with running() as found:
            yield found
        return
    if request.param == "files":
        with running(*open_store(tmp_path / "site.db")) as found:
            yield found
        return
    dsn, schema = pg_server.dsn(), pg_server.fresh_schema()
    with running(PostgresStorage(dsn, schema=schema), PostgresVault(dsn, schema=f"{schema}_vault")) as found:
        yield found


def clicked(service: Running, number: int, lead: str, key: str) -> httpx.Response:
    """One click of its own connection."""
    with client(service.address, headers={HEADER: ANA, "Idempotency-Key": key.format(number)}) as http:
        return http.post(f"/api/leads/{lead}/moves", json={"to": "contacting", "expected_version": 1})


def test_of_many_at_once_one_wins(service: Running) -> None:
    """Fifty tabs show one lead and move it at one moment: one goes through, the others see both versions."""
    lead = lead_of(service.tracker, "LF-1")
    with ThreadPoolExecutor(CLICKS) as pool:
        answers = list(pool.map(lambda n: clicked(service, n, lead, "click-{}"), range(CLICKS)))
    assert Counter(answer.status_code for answer in answers) == {200: 1, 409: CLICKS - 1}
    lost = [answer.json() for answer in answers if answer.status_code == 409]
    assert {(one["code"], one["expected"], one["actual"]) for one in lost} == {("conflict", 1, 2)}
    assert {one["meanwhile"][0]["said"] for one in lost} == {"moved from New inquiry to Trying to reach"}
    assert [record.event.kind for record in service.tracker.history(lead)] == ["received", "moved"]
    assert service.tracker.verify().ok


def test_one_click_sent_many_times_at_once_is_one(service: Running) -> None:
    """The same key: every answer is the lead as it is, and one move is recorded."""
    lead = lead_of(service.tracker, "LF-1")
    with ThreadPoolExecutor(CLICKS) as pool:
        answers = list(pool.map(lambda n: clicked(service, n, lead, "the one click"), range(CLICKS)))
    assert {(answer.status_code, answer.json()["version"]) for answer in answers} == {(200, 2)}
    assert len(service.tracker.history(lead)) == 2


def test_reading_goes_on_while_many_write(service: Running) -> None:
    """The loop is never held by a store: every request is answered, and what was acknowledged is there."""
    lead = lead_of(service.tracker, "LF-2")

    def ask(number: int) -> int:
        path = f"/api/leads/{lead}"
        with client(service.address, headers={HEADER: ANA}) as http:
            if number % 2:
                return http.get("/api/worklist").status_code
            body = {"expected_version": http.get(path).json()["version"]}
            return http.post(f"{path}/contacts", json=body).status_code

    with ThreadPoolExecutor(12) as pool:
        codes = Counter(pool.map(ask, range(24)))
    assert set(codes) <= {200, 409}
    contacts = sum(record.event.kind == "contact_attempted" for record in service.tracker.history(lead))
    assert contacts == codes[200] - 12
    assert contacts > 0


class Watched(MemoryStorage):
    """Counts how many read at once, and notices when it is closed."""

    def __init__(self) -> None:
        super().__init__()
        self.lock, self.inside, self.most, self.closed = threading.Lock(), 0, 0, False

    def read(self, stream: str) -> Sequence[Recorded]:
        with self.lock:
            self.inside += 1
            self.most = max(self.most, self.inside)
        time.sleep(0.01)
        with self.lock:
            self.inside -= 1
        return super().read(stream)

    def close(self) -> None:
        self.closed = True


def test_the_threads_are_bounded_and_the_store_is_closed_at_the_end() -> None:
    storage = Watched()
    with running(storage) as service:
        path = f"/api/leads/{lead_of(service.tracker, 'LF-1')}"
        with ThreadPoolExecutor(4 * THREADS) as pool:
            answers = list(pool.map(lambda _: service.http.get(path).status_code, range(4 * THREADS)))
        assert set(answers) == {200}
        assert 1 < storage.most <= THREADS
        assert not storage.closed
    assert storage.closed


def started(folder: Path, port: int, **more: str) -> subprocess.Popen[bytes]:
    """The service as its README starts it."""
    kept = {name: value for name, value in os.environ.items() if name not in VARIABLES.values()}
    root = Path(__file__).parents[2] / "examples" / "service"
    paths = os.pathsep.join(filter(None, (str(root), os.environ.get("PYTHONPATH"))))
    environment = {**kept, "PYTHONPATH": paths, "SERVICE_PORT": str(port), **more}
    command = [sys.executable, "-m", "trialflow_service"]
    return subprocess.Popen(command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


def free_port() -> int:
    with socket.socket() as found:
        found.bind((HOST, 0))
        return int(found.getsockname()[1])


def stopped(process: subprocess.Popen[bytes]) -> str:
    """End it as Ctrl-C does; what it said."""
    process.terminate()
    said, _ = process.communicate(timeout=_SECONDS)
    return said.decode()


def waited(http: httpx.Client, process: subprocess.Popen[bytes]) -> None:
    """Until it answers."""
    end = time.monotonic() + _SECONDS
    while process.poll() is None and time.monotonic() < end:
        try:
            http.get("/api/people")
        except httpx.TransportError:
            time.sleep(0.05)
        else:
            return
    process.kill()
    raise AssertionError(process.communicate()[0].decode())


def test_one_command_starts_it_over_the_demonstration_and_a_restart_goes_on(tmp_path: Path) -> None:
    port = free_port()
    with client(f"http://{HOST}:{port}", headers={HEADER: "site-lead"}) as http:
        process = started(tmp_path, port)
        waited(http, process)
        rows = http.get("/api/worklist").json()["rows"]
        lead = rows[0]["lead_id"]
        assert len(rows) > 100
        names = {one["name"] for one in http.get("/api/people").json()}
        path, seen = f"/api/leads/{lead}", http.get(f"/api/leads/{lead}").json()
        body = {"outcome": "reached", "expected_version": seen["version"]}
        assert http.post(f"{path}/contacts", json=body).json()["attempts"] == seen["attempts"] + 1
        said = stopped(process)
        assert f"POST {path}/contacts" in said
        assert not {name for name in names if name in said}, "the log names nobody"

        process = started(tmp_path, port)
        waited(http, process)
        again = http.get(path).json()
        assert again["version"] == seen["version"] + 1
        history = http.get(f"{path}/history").json()
        assert history[-1]["at"].startswith("2026-05-18"), "the demonstration's own time goes on"
        stopped(process)


def test_the_settings_name_a_store(tmp_path: Path) -> None:
    environment = {"TRIALFLOW_STORE": str(tmp_path / "own.db"), "SERVICE_HOSTS": "trials.example.org,localhost"}
    settings = Settings.of({**environment, "SERVICE_PORT": "", "UNRELATED": "x"})
    assert (settings.port, settings.hosts) == (8421, ("trials.example.org", "localhost"))
    with open_tracker(settings) as tracker:
        assert tracker.leads() == ()
    assert (tmp_path / "own.db").exists()


def test_the_settings_name_a_workflow(tmp_path: Path) -> None:
    shipped = Path(loading.__file__).with_name("default.toml").read_text("utf-8")
    (tmp_path / "own.toml").write_text(shipped.replace('label = "New inquiry"', 'label = "Fresh"'), "utf-8")
    environment = {"TRIALFLOW_STORE": str(tmp_path / "own.db"), "TRIALFLOW_WORKFLOW": str(tmp_path / "own.toml")}
    with open_tracker(Settings.of(environment)) as tracker:
        assert tracker.workflow.status_label("new") == "Fresh"


def test_the_settings_name_a_server() -> None:
    schema = pg_server.fresh_schema()
    host = pg_server.server().folder
    environment = {"TRIALFLOW_STORE": f"postgresql://postgres@/postgres?host={host}", "TRIALFLOW_SCHEMA": schema}
    settings = Settings.of(environment)
    assert "postgresql" not in repr(settings), "an address may hold a password"
    with open_tracker(settings) as tracker, PostgresStorage(pg_server.dsn(), schema=schema) as other:
        lead = tracker.receive("Radio", "1", by=Actor(id="site-lead", role="site_lead")).lead
        assert [record.stream for record in other.scan()] == [f"lead:{lead.id}"]


def test_a_port_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="invalid literal"):
        Settings.of({"SERVICE_PORT": "eighty"})
