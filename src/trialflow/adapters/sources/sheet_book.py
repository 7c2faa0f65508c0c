"""What is kept of a tracker between its copies, apart from its rows: spellings in use, how its dates are written."""

from __future__ import annotations

import functools
import hashlib
import json
from typing import cast

import attrs

from trialflow.adapters.ports import Entry, Vault
from trialflow.adapters.sources.dates import DateOrder
from trialflow.adapters.sources.lexicon import entries
from trialflow.adapters.sources.mapping import Mapping
from trialflow.adapters.sources.sheet import Known, Sheet

__all__ = ["SheetBook", "layout_digest"]

_LISTS = ("status", "closing", "preparing", "close_reasons", "prescreen", "records", "sources")


@attrs.frozen
class SheetBook:
    """Reads and writes what the vault keeps of one sheet."""

    vault: Vault
    sheet: str

    def known(self) -> Known:
        """What earlier copies told."""
        layout = json.loads(self.vault.get("layout", self.sheet) or "{}")
        return Known(
            sources=self._spellings("source"),
            owners=self._spellings("owner"),
            orders={f: cast(DateOrder, order) for f, order in layout.get("orders", {}).items()},
            counts_rows=layout.get("counts_rows"),
        )

    def keep(self, opened: Sheet) -> None:
        """Keep what this copy told."""
        found = [
            Entry(f"spelling-{kind}", spelling.casefold(), "", spelling)
            for kind, spellings in (("source", opened.sources), ("owner", opened.owners))
            for spelling in spellings
        ]
        orders = {**self.known().orders, **{f: o for f, o in opened.date_order.items() if o != "any"}}
        layout = {"orders": orders, "counts_rows": opened.counts_rows}
        self.vault.put([*found, Entry("layout", self.sheet, "", json.dumps(layout, sort_keys=True))])

    def _spellings(self, kind: str) -> dict[str, str]:
        return {ref: text for ref, _, text in self.vault.items(f"spelling-{kind}")}


def layout_digest(opened: Sheet, mapping: Mapping | None, workflow: str, authority_ref: str) -> bytes:
    """A digest of everything that gives cells their meaning: rows remembered under another one are read anew."""
    said = mapping or Mapping()
    parts = [
        dict(opened.match.columns),
        {f: list(more) for f, more in opened.match.more.items()},
        opened.match.headings,
        opened.date_order,
        said.words,
        workflow,
        authority_ref,
        _lexicon(),
    ]
    return hashlib.blake2b(json.dumps(parts, sort_keys=True).encode(), digest_size=32).digest()


@functools.cache
def _lexicon() -> str:
    lists = [entries(name) for name in _LISTS]
    return hashlib.blake2b(json.dumps(lists).encode(), digest_size=16).hexdigest()
