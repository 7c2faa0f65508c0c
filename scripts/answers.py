"""Start an example as a person does, look at its first page, stop it.

``python scripts/answers.py TARGET PORT TEXT``: ``make TARGET`` must answer at PORT of this machine with a page that
holds TEXT. It ends with 1 where it does not, after showing what was printed.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from typing import IO
from urllib.error import HTTPError
from urllib.request import urlopen

__all__ = ["main"]

_HOST = "127.0.0.1"
_PATIENCE = 180.0
"""Seconds: the first start installs what the example needs."""


def main(target: str, port: str, text: str) -> int:
    """Whether it answers, as an exit code."""
    url = f"http://{_HOST}:{port}/"
    with tempfile.TemporaryFile() as said:
        running = subprocess.Popen(["make", target], stdout=said, stderr=subprocess.STDOUT, start_new_session=True)
        try:
            page = _page(running, url)
        finally:
            _stop(running)
        if text in page:
            print(f"make {target} answers at {url}")
            return 0
        print(f"make {target} gave no page with {text!r} at {url}; it said:", file=sys.stderr)
        print(_read(said), file=sys.stderr)
        return 1


def _page(running: subprocess.Popen[bytes], url: str) -> str:
    """The page, empty where none came."""
    until = time.monotonic() + _PATIENCE
    while running.poll() is None and time.monotonic() < until:
        try:
            with urlopen(url, timeout=10) as answer:
                return str(answer.read().decode())
        except HTTPError as error:
            return f"{error.code}"
        except OSError:
            time.sleep(0.5)
    return ""


def _stop(running: subprocess.Popen[bytes]) -> None:
    """Stop make and what it started."""
    if running.poll() is None:
        os.killpg(running.pid, signal.SIGTERM)
    try:
        running.wait(timeout=20)
    except subprocess.TimeoutExpired:
        os.killpg(running.pid, signal.SIGKILL)
        running.wait()


def _read(said: IO[bytes]) -> str:
    said.seek(0)
    return said.read().decode(errors="replace")


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
