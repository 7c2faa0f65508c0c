"""The submissions of one form, in the order of their ids.

Pages are asked for by the last id that came (``_id`` greater than it), never by an offset, which submissions deleted
meanwhile would shift, and never by the ``next`` link of an answer, which may lead anywhere. The cursor is that id. A
submission is taken a minute after it was made: ids are given before submissions can be seen, so that for a moment a
lower one may still be to come.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from itertools import pairwise, takewhile
from typing import Any
from urllib.parse import quote

from trialflow import Problem, Source, SourceError
from trialflow.adapters.ports import Batch, Inquiry
from trialflow_kobo.client import Client

__all__ = ["KoboSource"]

_PAGE = 500
_SETTLED = timedelta(minutes=1)
_ID = re.compile(r"[0-9]{1,18}")


def _wall_clock() -> datetime:
    return datetime.now(UTC)


class KoboSource:
    """The submissions of ``form`` on the server ``url``.

    ``fields`` names the questions whose answers are contact data (``name=full_name phone``: the answer to ``full_name``
    is kept as ``name``, that to ``phone`` as ``phone``); all other answers stay on the server. Raises ``SourceError``.
    """

    def __init__(
        self,
        url: str,
        form: str,
        token: str,
        *,
        fields: str = "name phone email",
        source: str = "kobo",
        study: str = "",
        clock: Callable[[], datetime] = _wall_clock,
        page: int = _PAGE,
    ) -> None:
        self._client = Client(url, token)
        self._path = f"/api/v2/assets/{quote(form, safe='')}/data.json"
        pairs = (field.rpartition("=") for field in fields.split())
        self._fields = {question: key or question for key, _, question in pairs}
        self._source, self._study = Source(id=source, channel="form"), study
        self._clock, self._page = clock, page

    def fetch(self, cursor: str | None) -> Batch:
        """The next page after the submission whose id is ``cursor``."""
        last = self._last(cursor)
        query: dict[str, str | int] = {
            "query": json.dumps({"_id": {"$gt": last}}),
            "sort": '{"_id":1}',
            "limit": self._page,
        }
        found, more = _results(self._client.get(self._path, query), last)
        settled = list(takewhile(lambda row: not self._fresh(row), found))  # a gap in them would never be filled
        if not settled:
            return Batch((), cursor)
        told = [self._told(row) for row in settled]
        inquiries = tuple(one for one in told if isinstance(one, Inquiry))
        problems = tuple(one for one in told if isinstance(one, Problem))
        return Batch(inquiries, str(settled[-1]["_id"]), more and len(settled) == len(found), problems)

    def _last(self, cursor: str | None) -> int:
        if cursor is not None and not _ID.fullmatch(cursor):
            raise SourceError("kobo", "this cursor is no id of a submission; restart the pull")
        return int(cursor or 0)

    def _fresh(self, row: Mapping[str, Any]) -> bool:
        at = _submitted(row)
        return at is not None and at > self._clock() - _SETTLED

    def _told(self, row: Mapping[str, Any]) -> Inquiry | Problem:
        where, at = f"submission {row['_id']}", _submitted(row)
        if at is None:
            return Problem(where, "bad_value", "its _submission_time is no time; look at it on the server")
        return Inquiry(
            external_id=str(row["_id"]),
            at=at,
            source=self._source,
            person=dict(self._answers(row.items())),
            study=self._study,
            where=where,
        )

    def _answers(self, answers: Iterable[tuple[str, Any]]) -> Iterable[tuple[str, str]]:
        """Contact data. A question in a group is called ``group/question``."""
        for question, answer in answers:
            key = self._fields.get(question) or self._fields.get(question.rpartition("/")[2])
            if key and answer is not None and not isinstance(answer, dict | list):
                yield key, str(answer)


def _results(answer: Any, last: int) -> tuple[list[dict[str, Any]], bool]:
    """The submissions of a page, and whether there are more. Raises ``SourceError`` when the server keeps to none of
    what was asked: going on would lose submissions."""
    found = answer.get("results") if isinstance(answer, dict) else None
    if not isinstance(found, list) or not all(isinstance(row, dict) and type(row.get("_id")) is int for row in found):
        raise SourceError("kobo", "the answer holds no submissions; is this the address of the API?")
    ids = [last, *(row["_id"] for row in found)]
    if any(later <= earlier for earlier, later in pairwise(ids)):
        raise SourceError("kobo", "the server neither sorts nor filters by _id; it is too old for this source")
    return found, bool(found) and answer.get("next") is not None


def _submitted(row: Mapping[str, Any]) -> datetime | None:
    """When a submission reached the server, which says so in UTC without saying that."""
    try:
        at = datetime.fromisoformat(row["_submission_time"])
    except (KeyError, TypeError, ValueError):
        return None
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
