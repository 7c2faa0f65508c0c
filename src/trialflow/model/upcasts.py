"""Old payloads, lifted one version at a time. Every step has a stored fixture in tests/model/fixtures.

A step never raises: what an old payload lacks is reported when the event is structured.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

__all__ = ["UPCASTS", "upcast"]

_Payload = dict[str, Any]


def _received_1(old: _Payload) -> _Payload:
    """Version 1 had the source as a bare id; version 2 has category, channel and campaign beside it."""
    return {**old, "source": {"id": old["source"]}} if "source" in old else old


UPCASTS: dict[tuple[str, int], Callable[[_Payload], _Payload]] = {("received", 1): _received_1}
"""(kind, version) to the function that makes the payload of the next version."""


def upcast(kind: str, version: int, payload: _Payload) -> _Payload:
    """``payload`` of ``kind`` at ``version``, lifted as far as this version of trialflow knows."""
    while (step := UPCASTS.get((kind, version))) is not None:
        payload, version = step(payload), version + 1
    return payload
