"""The tracker from async code: each call blocks, so each call gets a worker thread."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import ParamSpec, TypeVar

import attrs
from anyio import CapacityLimiter, to_thread
from fastapi import Request

from trialflow import Tracker

__all__ = ["Desk", "desk_of"]

P = ParamSpec("P")
T = TypeVar("T")


@attrs.frozen
class Desk:
    """One tracker for all requests. ``limit`` bounds the threads, and so the connections that the store opens.

    A call that has begun is finished even when its client goes away: nothing is cut off between deciding and storing.
    """

    tracker: Tracker
    limit: CapacityLimiter

    async def run(self, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """What ``call`` gives, from a worker thread; what it raises is raised here."""
        return await to_thread.run_sync(partial(call, *args, **kwargs), limiter=self.limit)


def desk_of(request: Request) -> Desk:
    """The desk of the running service."""
    desk: Desk = request.app.state.desk
    return desk
