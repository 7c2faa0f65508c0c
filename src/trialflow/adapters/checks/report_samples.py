"""Reports for the checks of renderers: of a small site, of one where nothing happened, with hostile text in them."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

import attrs

from trialflow.adapters.checks.samples import ANNA, MONDAY
from trialflow.adapters.storages.memory import MemoryStorage
from trialflow.model import events as e
from trialflow.model.evolve import fold
from trialflow.model.lead import Lead
from trialflow.model.parties import Source
from trialflow.model.recorded import Recorded
from trialflow.reports.column_rows import columns_of
from trialflow.reports.dashboard import dashboard
from trialflow.reports.diagnosis import diagnose
from trialflow.reports.queue import worklist_report
from trialflow.reports.source_quality import source_quality
from trialflow.reports.sponsor import sponsor_update
from trialflow.rules.loading import default_workflow
from trialflow.rules.worklist import worklist

__all__ = ["LEADS", "OWNER", "WORD", "hostile", "leads", "lives", "reports"]

LEADS = tuple(f"7d0c{n:04x}-5c1e-5b52-9f67-2b6d6a1c9e{n:02x}" for n in range(24))
"""The ids of the leads in the sample: none of them may stand in what a sponsor gets."""
OWNER = "own-1"
WORD = "word-1"
"""Opaque ids, which ``labels`` may name."""

_AS_OF = MONDAY + timedelta(days=60)
_DAY = timedelta(days=1)


def lives() -> Iterator[tuple[str, list[e.Event]]]:
    """What a small site recorded, as its appends in their order: leads in every pile, from three sources."""
    for number, lead in enumerate(LEADS):
        yield f"lead:{lead}", list(_life(number))


@functools.cache
def _site() -> tuple[Recorded, ...]:
    stamps = iter(MONDAY + timedelta(minutes=n) for n in range(10_000))
    store = MemoryStorage(clock=lambda: next(stamps))
    for stream, events in lives():
        store.append(stream, events, expected_version=0)
    return tuple(store.scan())


def _life(number: int) -> Iterator[e.Event]:
    at = MONDAY + number * _DAY
    source = Source(id=("Radio", "Letter", "Web form")[number % 3], category="paid", channel="media", campaign="spring")
    yield e.Received(at=at, by=ANNA, source=source, owner=OWNER if number % 4 else "UNASSIGNED")
    steps: tuple[Callable[[datetime], e.Event], ...] = (
        lambda t: e.ContactAttempted(at=t, by=ANNA, outcome="reached", before=0, after=1),
        lambda t: e.Moved(at=t, by=ANNA, from_status="new", to_status="contacted"),
        lambda t: e.Prescreened(at=t, by=ANNA, from_state="none", to_state="completed"),
        lambda t: e.Moved(at=t, by=ANNA, from_status="contacted", to_status="preparing"),
        lambda t: e.ItemSet(at=t, by=ANNA, item="records", from_state="needed", to_state="requested"),
        lambda t: e.Blocked(at=t, by=ANNA, blocker="visit_capacity"),
        lambda t: e.Moved(at=t, by=ANNA, from_status="preparing", to_status=WORD),
        lambda t: e.Moved(at=t, by=ANNA, from_status=WORD, to_status="closed", reason="no_response"),
    )
    for hours, step in enumerate(steps[: number % (len(steps) + 1)], start=1):
        yield step(at + timedelta(hours=hours))


def _folded(records: Iterable[Recorded]) -> list[Lead]:
    streams = dict[str, list[Recorded]]()
    for record in records:
        streams.setdefault(record.stream, []).append(record)
    return [lead for rows in streams.values() if (lead := fold(rows)) is not None]


def leads() -> list[Lead]:
    """The leads of the small site."""
    return _folded(_site())


def reports(*, empty: bool = False) -> Mapping[str, Any]:
    """One report of each kind by its name; ``empty``: of a site where nothing ever happened."""
    records = () if empty else _site()
    workflow, found = default_workflow(), _folded(records)
    history, items = columns_of(records, workflow), worklist(found, workflow, _AS_OF)
    return MappingProxyType(
        {
            "dashboard": dashboard(found, workflow, _AS_OF, history=history),
            "worklist": worklist_report(items, workflow, _AS_OF),
            "source quality": source_quality(history, workflow, _AS_OF),
            "sponsor update": sponsor_update(found, workflow, _AS_OF, history=history, position=len(records)),
            "diagnosis": diagnose(found, workflow, _AS_OF, history=history),
        }
    )


_CODES = frozenset({"zone", "due", "bucket", "action", "stale", "boundary"})
"""Fields whose words come from this library alone: which text is shown depends on them."""


def hostile(report: Any, text: str) -> Any:
    """``report`` with ``text`` in every field that can hold a word from outside."""
    return _poisoned(report, text, "")


def _poisoned(value: Any, text: str, name: str) -> Any:
    if attrs.has(type(value)):
        fields = {f.name: _poisoned(getattr(value, f.name), text, f.name) for f in attrs.fields(type(value))}
        return attrs.evolve(value, **fields)
    if isinstance(value, str):
        return value if name in _CODES else text
    if isinstance(value, Mapping):
        return {f"{text} -> {text}" if " -> " in key else text: _poisoned(v, text, "") for key, v in value.items()}
    if isinstance(value, tuple):
        return tuple(_poisoned(each, text, name) for each in value)
    return value
