"""The server of the tests itself: it leaves with whoever started it, and needs no short temporary folder."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from pg_server import Server, installed, skip_without_server

HELPERS = Path(__file__).parents[2] / "helpers"
_START = """
import signal, sys, time
# A job in the background of a script is started with this signal ignored.
signal.signal(signal.SIGINT, signal.default_int_handler)
sys.path.insert(0, sys.argv[1])
from pg_server import Server
server = Server()
print(server.pid, server.folder, flush=True)
time.sleep(60)
"""


@pytest.fixture
def started() -> Iterator[Callable[..., tuple[subprocess.Popen[str], int, Path]]]:
    skip_without_server()
    running: list[subprocess.Popen[str]] = []

    def start(**environment: str) -> tuple[subprocess.Popen[str], int, Path]:
        process = subprocess.Popen(
            [sys.executable, "-c", _START, str(HELPERS)],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            encoding="utf-8",
            env={**os.environ, **environment},
        )
        running.append(process)
        assert process.stdout is not None
        pid, folder = process.stdout.readline().split()
        return process, int(pid), Path(folder)

    yield start
    for process in running:
        process.kill()
        process.wait()
        if process.stdout is not None:
            process.stdout.close()


def gone(pid: int) -> bool:
    """Whether a process has ended, waiting for it."""
    until = time.monotonic() + 20
    while time.monotonic() < until:
        try:
            if Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()[0] == "Z":
                return True
        except OSError:
            return True
        time.sleep(0.02)
    return False


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's signal at a parent's death is Linux's")
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_it_ends_with_the_process_that_started_it(
    started: Callable[..., tuple[subprocess.Popen[str], int, Path]], how: signal.Signals
) -> None:
    process, pid, folder = started()
    os.kill(pid, 0)
    process.send_signal(how)
    process.wait(20)
    assert gone(pid)
    if how is signal.SIGKILL:
        shutil.rmtree(folder)
    else:
        assert not folder.exists(), "an ordinary end leaves no data either"


def test_a_long_temporary_folder_is_no_obstacle(
    started: Callable[..., tuple[subprocess.Popen[str], int, Path]], tmp_path: Path
) -> None:
    deep = tmp_path / ("x" * 100) / ("y" * 50)
    deep.mkdir(parents=True)
    _, _, folder = started(TMPDIR=str(deep))
    assert len(str(folder)) < 60
    with psycopg.connect(host=str(folder), user="postgres", dbname="postgres") as link:
        assert link.execute("SELECT current_setting('fsync'), current_setting('listen_addresses')").fetchone() == (
            "on",
            "",
        )


def test_every_server_that_is_installed_is_found() -> None:
    skip_without_server()
    assert all((programs / "initdb").exists() for programs in installed().values())
    assert max(installed()) >= 15
    server = Server(min(installed()))
    try:
        with psycopg.connect(server.dsn()) as link:
            assert link.info.server_version // 10_000 == min(installed())
    finally:
        server.stop()
    assert not server.folder.exists()
