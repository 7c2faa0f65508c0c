"""Vaults with one fault each: ``breaks`` is the clause. Each is noticed by one check, and by no other."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterable, Iterator
from typing import Any, ClassVar, Self

from trialflow.adapters.checks import VaultSetup
from trialflow.adapters.ports import Entry
from trialflow.adapters.storages.vault_memory import MemoryVault

__all__ = ["BROKEN_VAULTS", "Handled", "HostedVault", "vault_setup"]


class Handled(MemoryVault):
    """A vault with a namespace of its own and several handles. This one is right."""

    breaks: ClassVar[str] = ""

    def __init__(self) -> None:
        super().__init__(uuid.uuid4())

    def again(self) -> Self:
        """Another handle on the same vault: it shares what is stored, and nothing else."""
        other = type(self)()
        other.__dict__.update({k: v for k, v in self.__dict__.items() if k != "cache"})
        return other


class StoresAsItGoes(Handled):
    """Stores each entry as it comes."""

    breaks = "V1"

    def put(self, entries: Iterable[Entry]) -> None:
        for entry in entries:
            super().put([entry])


class KeepsTheFirstSubject(Handled):
    """Replaces the text of an entry and leaves its subject."""

    breaks = "V2"

    def put(self, entries: Iterable[Entry]) -> None:
        known = {(e.kind, e.ref): e.subject for kind in self._kinds.values() for e in kind.values()}
        super().put([e._replace(subject=known.get((e.kind, e.ref), e.subject)) for e in entries])


class EmptyIsNothing(Handled):
    """Takes an empty text for none."""

    breaks = "V3"

    def get(self, kind: str, ref: str) -> str | None:
        return super().get(kind, ref) or None


class OrdersByTheAlphabet(Handled):
    """Orders refs as a dictionary does, small and large letters together."""

    breaks = "V4"

    def items(self, kind: str) -> Iterator[tuple[str, str, str]]:
        return iter(sorted(super().items(kind), key=lambda row: row[0].casefold()))


class Strips(Handled):
    """Drops the blanks around a text."""

    breaks = "V5"

    def put(self, entries: Iterable[Entry]) -> None:
        super().put([entry._replace(text=entry.text.strip()) for entry in entries])


class CountsSubjects(Handled):
    """Says whether it erased something, not how much."""

    breaks = "V6"

    def forget(self, subject: str) -> int:
        return min(super().forget(subject), 1)


class ForgetsNobody(Handled):
    """Takes what belongs to no lead for the entries of a lead called ""."""

    breaks = "V6"

    def forget(self, subject: str) -> int:
        if subject:
            return super().forget(subject)
        gone = [(e.kind, e.ref) for kind in self._kinds.values() for e in kind.values() if not e.subject]
        for kind, ref in gone:
            del self._kinds[kind][ref]
        return len(gone)


class ForgetsTombstones(Handled):
    """Erases the tombstone as well."""

    breaks = "V7"

    def forget(self, subject: str) -> int:
        erased = super().forget(subject)
        self._kinds.get("tombstone", {}).pop(subject, None)
        return erased


class KeyAmongTheEntries(Handled):
    """Keeps its key as an entry that can be forgotten."""

    breaks = "V8"

    def forget(self, subject: str) -> int:
        if subject == "key":
            self._namespace = uuid.uuid4()
        return super().forget(subject)


class OneNamespace(Handled):
    """Makes ids under a namespace that stands in its source code."""

    breaks = "V8"

    def namespace(self) -> uuid.UUID:
        return uuid.NAMESPACE_DNS


class CachesTexts(Handled):
    """Believes what it has read once."""

    breaks = "V9"

    def __init__(self) -> None:
        super().__init__()
        self.cache: dict[tuple[str, str], str | None] = {}

    def get(self, kind: str, ref: str) -> str | None:
        if (kind, ref) not in self.cache:
            self.cache[kind, ref] = super().get(kind, ref)
        return self.cache[kind, ref]

    def put(self, entries: Iterable[Entry]) -> None:
        super().put(entries)
        self.cache.clear()

    def forget(self, subject: str) -> int:
        self.cache.clear()
        return super().forget(subject)


class WritesItAllBack(Handled):
    """Reads the whole file, changes it, writes it back."""

    breaks = "V9"

    def put(self, entries: Iterable[Entry]) -> None:
        given = list(entries)
        read = {kind: dict(found) for kind, found in self._kinds.items()}
        time.sleep(0.0005)
        for entry in given:
            read.setdefault(entry.kind, {})[entry.ref] = entry
        self._kinds.clear()
        self._kinds.update(read)


class HostedVault:
    """A host in memory with a vault. This one is right."""

    breaks: ClassVar[str] = ""

    def __init__(self) -> None:
        self.vault, self.rows = Handled(), list[str]()
        self.begin()

    def begin(self) -> None:
        self.before: dict[str, Any] = {kind: dict(found) for kind, found in self.vault._kinds.items()}
        self.kept = list(self.rows)

    def commit(self) -> None:
        self.begin()

    def rollback(self) -> None:
        self.vault._kinds.clear()
        self.vault._kinds.update(self.before)
        self.rows = list(self.kept)

    def write(self, text: str) -> None:
        self.rows.append(text)

    def written(self) -> list[str]:
        return list(self.rows)


class VaultApart(HostedVault):
    """The vault has a connection of its own."""

    breaks = "V10"

    def rollback(self) -> None:
        self.rows = list(self.kept)


BROKEN_VAULTS: tuple[type[Handled] | type[HostedVault], ...] = (
    StoresAsItGoes, KeepsTheFirstSubject, EmptyIsNothing, OrdersByTheAlphabet, Strips, CountsSubjects, ForgetsNobody,
    ForgetsTombstones, KeyAmongTheEntries, OneNamespace, CachesTexts, WritesItAllBack, VaultApart,
)  # fmt: skip


def vault_setup(broken: type[Handled] | type[HostedVault]) -> VaultSetup:
    """The setup on which a vault, or a host with one, is checked."""
    if issubclass(broken, HostedVault):
        return VaultSetup(make=Handled, host=broken)
    return VaultSetup(make=broken, reopen=lambda vault: vault.again())  # type: ignore[attr-defined]
