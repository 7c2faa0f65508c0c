"""An ASGI application behind a real HTTP server, on a port of its own, in a thread of the tests."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import httpx
import uvicorn

__all__ = ["HOST", "client", "served"]

HOST = "127.0.0.1"
_SECONDS = 30


@contextlib.contextmanager
def served(app: Any) -> Iterator[str]:
    """Run ``app`` with its lifespan; gives its address. Raises ``RuntimeError`` when it does not start."""
    with socket.socket() as listening:
        listening.bind((HOST, 0))
        server = uvicorn.Server(uvicorn.Config(app, log_level="critical", lifespan="on"))
        thread = threading.Thread(target=server.run, args=([listening],))
        thread.start()
        try:
            _wait(server, thread)
            yield f"http://{HOST}:{listening.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(_SECONDS)


def client(address: str, *, headers: dict[str, str] | None = None) -> httpx.Client:
    """Asks the server at ``address``, whatever proxy the environment names; certificates are not loaded, it is HTTP."""
    return httpx.Client(base_url=address, headers=headers, timeout=_SECONDS, trust_env=False, verify=False)


def _wait(server: uvicorn.Server, thread: threading.Thread) -> None:
    end = time.monotonic() + _SECONDS
    while not server.started:
        if not thread.is_alive() or time.monotonic() > end:
            raise RuntimeError("the application did not start")
        time.sleep(0.01)
