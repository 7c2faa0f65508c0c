"""The pages of the example service as they are served: their policy, and nothing from elsewhere."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from service_site import Running, running
from trialflow_service.pages import FOLDER, POLICY

FILES = sorted(FOLDER.iterdir(), key=lambda path: path.name)


@pytest.fixture(scope="module")
def service() -> Iterator[Running]:
    with running() as found:
        yield found


@pytest.mark.parametrize(
    "path", ["/", "/leads/any", "/problems", "/static/lead.js", "/api/worklist", "/api/leads/none"]
)
def test_every_answer_has_the_strict_policy(service: Running, path: str) -> None:
    headers = service.http.get(path).headers
    assert headers["Content-Security-Policy"] == POLICY
    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert "unsafe" not in POLICY


def test_the_board_keeps_its_own_policy(service: Running) -> None:
    board = service.http.get("/board")
    assert board.headers["Content-Security-Policy"] == "frame-ancestors 'none'"
    assert "style-src &#39;sha256-" in board.text or "style-src 'sha256-" in board.text


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_no_file_names_another_server_or_has_code_inline(path: Path) -> None:
    text = path.read_text("utf-8")
    assert not re.search(r"https?://|//[a-z]+\.", text)
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(", text)
    if path.suffix == ".html":
        assert not re.search(r"<style|\sstyle=|\son[a-z]+=|<script(?! type=\"module\" src=\"/static/)", text)


def test_no_file_outside_the_folder_is_served(service: Running) -> None:
    for path in ("/static/../app.py", "/static/%2e%2e/app.py", "/static/..%2fapp.py"):
        assert service.http.get(path).status_code == 404
