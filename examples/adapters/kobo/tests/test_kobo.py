"""The lead source contract against a small server; and that the token goes to that server alone."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from kobo_server import HOST, TOKEN, Server, serving, submission
from trialflow_kobo.client import Client
from trialflow_kobo.source import KoboSource

from trialflow import Source, SourceError, Tracker
from trialflow.adapters.checks import SourceSetup
from trialflow.adapters.checks.pytest_kit import SourceContract

FIELDS = "name=full_name phone"


@pytest.fixture
def server() -> Iterator[Server]:
    """A server with seven submissions, the fifth without a time, in no order."""
    with serving() as found:
        found.submissions = [submission(number) for number in (7, 1, 3, 2, 6, 4)]
        found.submissions.append(submission(5, _submission_time="yesterday"))
        yield found


def source(server: Server, **options: Any) -> KoboSource:
    """The form's submissions, three at a time."""
    return KoboSource(server.url, "aForm", TOKEN, **{"fields": FIELDS, "page": 3, **options})


class TestKobo(SourceContract):
    """Every clause."""

    @pytest.fixture
    def setup(self, server: Server) -> SourceSetup:
        """What the server holds, one more arrival, and a time in which it does not answer."""

        def arrive() -> str:
            number = max(one["_id"] for one in server.submissions) + 1
            server.submissions.append(submission(number))
            return str(number)

        @contextmanager
        def unreachable() -> Iterator[None]:
            server.answer = (503, {}, TOKEN.encode())
            yield
            server.answer = None

        return SourceSetup(
            make=lambda: source(server),
            holds={str(n): datetime(2026, 3, 2, 15, n, tzinfo=UTC) for n in (1, 2, 3, 4, 6, 7)},
            unusable=1,
            arrive=arrive,
            unreachable=unreachable,
            secrets=(TOKEN,),
        )


def test_only_contact_data_is_taken(server: Server) -> None:
    """The health question stays on the server; a question of a group is found by its own name."""
    server.submissions = [submission(1, note=None, phone=5550101)]
    (found,) = source(server, study="S1", source="web").fetch(None).inquiries
    assert found.person == {"name": "Person 1 Example", "phone": "5550101"}
    assert (found.source, found.study, found.where) == (Source(id="web", channel="form"), "S1", "submission 1")


def test_it_is_pulled_into_a_tracker(server: Server) -> None:
    """Each submission once."""
    tracker = Tracker()
    first = tracker.pull(source(server), name="kobo")
    assert (first.created, first.refused) == (6, 1)
    assert tracker.pull(source(server), name="kobo").received == 0


def test_a_submission_is_taken_when_a_minute_has_passed(server: Server) -> None:
    """A lower id may come to light until then."""
    clock = [datetime(2026, 3, 2, 15, 4, 30, tzinfo=UTC)]
    young = source(server, page=100, clock=lambda: clock[0])
    first = young.fetch(None)
    assert ([one.external_id for one in first.inquiries], first.more) == (["1", "2", "3"], False)
    clock[0] += timedelta(hours=1)
    assert [one.external_id for one in young.fetch(first.cursor).inquiries] == ["4", "6", "7"]


def test_a_link_of_the_server_is_not_followed(server: Server) -> None:
    """``next`` may lead anywhere; nobody else hears of the token."""
    with serving() as other:
        server.next = f"{other.url}/api/v2/assets/aForm/data.json?start=3"
        assert Tracker().pull(source(server), name="kobo").received == 7
        assert other.asked == []
    assert len(server.asked) == 3


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(server: Server, status: int) -> None:
    """Neither elsewhere nor on the same server."""
    with serving() as other:
        for where in (other.url, server.url, "/elsewhere"):
            server.answer = (status, {"Location": where}, b"")
            with pytest.raises(SourceError, match="points elsewhere"):
                source(server).fetch(None)
        assert other.asked == []
    assert len(server.asked) == 3


@pytest.mark.parametrize(
    "url",
    ["http://kf.kobotoolbox.org", "http://169.254.169.254", "http://2852039166", "http://0xA9FEA9FE", "http://[::]",
     "http://[::ffff:169.254.169.254]", "http://" "localhost.example.org", "ftp://kf.kobotoolbox.org", "file:///etc/passwd",
     "gopher://" "localhost", "data:text/plain,x", "https://user:" "secret@kf.kobotoolbox.org", "https://kf.kobotoolbox.org@evil.example",
     "https://kf.kobotoolbox.org/path", "https://kf.kobotoolbox.org?x=1", "https://kf.kobotoolbox.org#x",
     "https://kf.kobotoolbox.org\r\nX: y", "https://kf .kobotoolbox.org", "kf.kobotoolbox.org", "https://", ""],
)  # fmt: skip
def test_an_address_that_is_no_server_is_refused(url: str) -> None:
    """Before anything is asked of it; the address itself is not repeated, it may hold a password."""
    with pytest.raises(SourceError) as raised:
        Client(url, TOKEN)
    assert "secret" not in str(raised.value)


@pytest.mark.parametrize("token", ["", "abc\r\nX: y", "Token abc", "ключ"])
def test_a_token_that_no_header_can_hold_is_refused(token: str) -> None:
    """Without showing it."""
    with pytest.raises(SourceError, match="letters and digits") as raised:
        Client("https://kf.kobotoolbox.org", token)
    assert not token or token not in str(raised.value)


@pytest.mark.parametrize(
    ("status", "body", "told"),
    [
        (401, b"", "the token is not valid"),
        (403, b"", "may not view"),
        (404, b"", "no such form"),
        (500, b"", "pull again later"),
        (200, b"<html>", "no JSON"),
        (200, b"\xff", "no JSON"),
        (200, b"[" * 100_000, "no JSON"),
        (200, b"[]", "no submissions"),
        (200, b'{"results": [1]}', "no submissions"),
        (200, b'{"results": [{"_id": "1"}]}', "no submissions"),
        (200, json.dumps({"results": [submission(2), submission(1)]}).encode(), "neither sorts nor filters"),
        (200, b"x" * (33 * 1024 * 1024), "larger than any page"),
    ],
)
def test_an_answer_that_is_none_is_told(server: Server, status: int, body: bytes, told: str) -> None:
    """What to do, and no token."""
    server.answer = (status, {}, body)
    with pytest.raises(SourceError, match=told) as raised:
        source(server).fetch(None)
    assert TOKEN not in str(raised.value)


def test_a_server_that_ignores_the_cursor_loses_nothing_in_silence(server: Server) -> None:
    """The first page again is no second page."""
    server.answer = (200, {}, json.dumps({"results": [submission(1)], "next": "x"}).encode())
    with pytest.raises(SourceError, match="neither sorts nor filters"):
        source(server).fetch("1")


def test_a_server_that_does_not_answer_ends_the_pull(server: Server) -> None:
    """After the seconds that were given to it, and one that is not there at once."""
    server.answer = (200, {}, b"{}")
    server.hanging.clear()
    with pytest.raises(SourceError, match="cannot be reached"):
        Client(server.url, TOKEN, seconds=0.2).get("/", {})
    with pytest.raises(SourceError, match="cannot be reached"):
        Client(Server.address(1), TOKEN).get("/", {})


def test_what_is_no_http_is_told() -> None:
    """Something else listens there."""
    with socket.create_server((HOST, 0)) as other:

        def answer() -> None:
            connection, _ = other.accept()
            with connection:
                connection.recv(4096)
                connection.sendall(b"220 mail.example.org ready\r\n")

        thread = threading.Thread(target=answer, daemon=True)
        thread.start()
        with pytest.raises(SourceError, match="cannot be reached"):
            Client(f"http://{HOST}:{other.getsockname()[1]}", TOKEN).get("/", {})
        thread.join(5)
