"""One GET with a token, to one server and to no other."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Mapping
from http.client import HTTPException, HTTPMessage
from typing import IO, Any
from urllib.parse import urlencode, urlsplit

from trialflow import SourceError

__all__ = ["Client"]

_SECONDS = 20
_LARGEST = 32 * 1024 * 1024
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A redirect would take the token to wherever the server says."""

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> None:
        """No redirect is followed; the answer stands as it is."""


class Client:
    """A server, and the token for it. The token is in no message and no ``repr``.

    Raises ``SourceError`` for an address that is not https (or http on this machine), or has more in it than a host,
    and for a token that no header can hold.
    """

    def __init__(self, url: str, token: str, *, seconds: float = _SECONDS) -> None:
        parts = urlsplit(url)
        secure = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)
        plain = parts.path in ("", "/") and not (parts.query or parts.fragment or parts.username or parts.password)
        if not (secure and plain and parts.hostname) or not url.isprintable() or " " in url:
            raise SourceError("kobo", "url is the server alone, such as https://kf.kobotoolbox.org")
        if not (token.isascii() and token.isalnum()):
            raise SourceError("kobo", "the token has letters and digits alone; copy it again")
        self._server = f"{parts.scheme}://{parts.netloc}"
        self._token, self._seconds = token, seconds
        self._open = urllib.request.build_opener(_NoRedirect).open

    def get(self, path: str, query: Mapping[str, str | int]) -> Any:
        """The JSON that the server gives. Raises ``SourceError``, which says what to do."""
        headers = {"Authorization": f"Token {self._token}", "Accept": "application/json"}
        request = urllib.request.Request(f"{self._server}{path}?{urlencode(query)}", headers=headers)
        try:
            with self._open(request, timeout=self._seconds) as answer:
                body: bytes = answer.read(_LARGEST + 1)
        except urllib.error.HTTPError as error:
            error.close()
            raise SourceError("kobo", _meaning(error.code)) from None
        except (OSError, HTTPException) as error:
            kind = type(getattr(error, "reason", error)).__name__
            raise SourceError("kobo", f"the server cannot be reached ({kind}); pull again later") from None
        if len(body) > _LARGEST:
            raise SourceError("kobo", "the answer is larger than any page of submissions")
        try:
            return json.loads(body)
        except (ValueError, RecursionError):
            raise SourceError("kobo", "the answer is no JSON; is this the address of the API?") from None


def _meaning(status: int) -> str:
    if status in (401, 403):
        return f"the server answered {status}: the token is not valid, or its account may not view the submissions"
    if status == 404:
        return "the server answered 404: it knows no such form, or the account may not view it"
    if 300 <= status < 400:
        return f"the server answered {status} and points elsewhere, where the token is not sent; give its own address"
    return f"the server answered {status}; pull again later"
