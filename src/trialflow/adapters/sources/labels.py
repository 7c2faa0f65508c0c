"""What the site calls owners and unknown words: kept in the vault under their opaque ids."""

from __future__ import annotations

import attrs

from trialflow.adapters.ports import Entry
from trialflow.adapters.sources.copies import Copy
from trialflow.adapters.sources.rows import Values
from trialflow.adapters.sources.writing import Writer

__all__ = ["Labels"]


@attrs.define
class Labels:
    """Names ids once per spelling, and shows them again."""

    writer: Writer
    copy: Copy
    _known: dict[str, str] = attrs.field(factory=dict)
    _named: set[str] = attrs.field(factory=set)

    def name(self, values: Values) -> None:
        """Keep the names of a row's owner and of its unknown status word."""
        if values.owner and values.owner not in self._named:
            self._named.add(values.owner)
            self._keep(self.copy.owner(values.owner), values.owner)
        if values.status.startswith("?"):
            self._keep(self.copy.status(values.status), values.status[1:])

    def shown(self, code: str) -> str:
        """An opaque id as the site says it; any other code as it is."""
        if not code.startswith(("own-", "word-")):
            return code
        return self._known.get(code) or self.writer.vault.get("label", code) or code

    def _keep(self, code: str, spelling: str) -> None:
        if self._known.get(code) != spelling:
            self._known[code] = spelling
            self.writer.keep(Entry("label", code, "", spelling))
