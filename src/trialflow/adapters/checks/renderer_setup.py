"""How the renderer checks come by a renderer, and by what it renders."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any

import attrs

from trialflow.adapters.checks.report_samples import LEADS, OWNER, WORD, hostile, reports
from trialflow.adapters.checks.storage_setup import Closes, Opener
from trialflow.adapters.ports import Renderer
from trialflow.model.errors import Unsupported

__all__ = ["LABELS", "RendererSetup"]

LABELS: Mapping[str, str] = MappingProxyType(
    {OWNER: "Maya Example", WORD: "call later??", **dict.fromkeys(LEADS[:2], "P. Example")}
)
"""What the site of the sample calls things."""


@attrs.frozen(kw_only=True)
class RendererSetup(Closes):
    """What the checks of a renderer are run on: ``make`` gives a renderer, a new one at every call.

    ``opener`` says how another process makes one (``Opener("acme.pages:renderer", address)``, called with the address):
    then bytes are compared between processes, whose sets have other orders.
    """

    make: Callable[[], Renderer]
    opener: Opener | None = None
    _opened: list[Any] = attrs.field(factory=list, init=False, repr=False, eq=False)

    def fresh(self) -> Renderer:
        """A new renderer."""
        made: Renderer = self.opened(self.make())
        return made

    def outputs(
        self, found: Mapping[str, Any], labels: Mapping[str, str] = LABELS, renderer: Renderer | None = None
    ) -> Iterator[tuple[str, bytes]]:
        """(kind, bytes) of each report, but for kinds that the renderer refuses with ``Unsupported``."""
        chosen = renderer or self.fresh()
        for kind, report in found.items():
            try:
                yield kind, chosen.render(report, labels=dict(labels))
            except Unsupported:
                continue

    def poisoned(self, renderer: Renderer, text: str) -> Iterator[tuple[str, bytes]]:
        """Every report with ``text`` in every field, and as it is with ``text`` for every label."""
        labels = {OWNER: text, WORD: text, **dict.fromkeys(LEADS, text)}
        found = reports()
        yield from self.outputs({kind: hostile(report, text) for kind, report in found.items()}, {}, renderer)
        for kind, data in self.outputs(found, labels, renderer):
            yield f"{kind} with labels", data
