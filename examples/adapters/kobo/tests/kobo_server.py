"""A small server that answers as KoboToolbox does, for one form."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

__all__ = ["Server", "serving", "submission"]

HOST = "127.0.0.1"
TOKEN = "01234567" * 5


def submission(number: int, **answers: Any) -> dict[str, Any]:
    """One submission as the server gives it: answers, and what the server adds."""
    return {
        "_id": number,
        "_uuid": f"uuid-{number}",
        "_submission_time": f"2026-03-02T15:{number % 60:02d}:00",
        "contact/full_name": f"Person {number} Example",
        "phone": f"555-01{number % 100:02d}",
        "a_health_question": "yes",
        **answers,
    }


class Server(ThreadingHTTPServer):
    """``submissions`` are what it has; ``answer``, where set, is given to every request as (status, headers, body)."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__((HOST, 0), _Handler)
        self.submissions: list[dict[str, Any]] = []
        self.answer: tuple[int, dict[str, str], bytes] | None = None
        self.next = "/more"
        self.asked: list[str] = []
        self.hanging = threading.Event()
        self.hanging.set()

    @property
    def url(self) -> str:
        """Where it listens."""
        return self.address(self.server_port)

    @staticmethod
    def address(port: int) -> str:
        """A place on this machine."""
        return f"http://{HOST}:{port}"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no news."""


class _Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        """A page of submissions, with the token alone."""
        self.server.asked.append(f"{self.path} {self.headers.get('Authorization')}")
        self.server.hanging.wait(30)
        if self.server.answer is not None:
            self._send(*self.server.answer)
        elif self.headers.get("Authorization") != f"Token {TOKEN}":
            self._send(401, {}, b"{}")
        else:
            self._send(200, {"Content-Type": "application/json"}, json.dumps(self._page()).encode())

    def _page(self) -> dict[str, Any]:
        asked = {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}
        after, limit = json.loads(asked["query"])["_id"]["$gt"], int(asked["limit"])
        found = [one for one in self.server.submissions if one["_id"] > after]
        if json.loads(asked["sort"]) == {"_id": 1}:
            found.sort(key=lambda one: int(one["_id"]))
        return {
            "count": len(found),
            "next": self.server.next if len(found) > limit else None,
            "previous": None,
            "results": found[:limit],
        }

    def _send(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


@contextmanager
def serving() -> Iterator[Server]:
    """A server on a free port of this machine, for as long as it is looked at."""
    with Server() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.hanging.set()
            server.shutdown()
            thread.join()
