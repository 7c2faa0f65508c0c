"""Every check of a vault (clauses V1 to V10, :mod:`trialflow.adapters.vault`)."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Iterator
from typing import Any

from trialflow.adapters.checks.outcome import Broken, Check, Skipped, quotes, require
from trialflow.adapters.checks.vault_setup import VaultHost, VaultSetup
from trialflow.adapters.ports import Entry

__all__ = ["VAULT_CHECKS"]

_HARD = " Bürgerfunk \u2028 \u2067\u200b\x1b \U0001f4fb e\u0301 \ufb01 '; DROP TABLE entries; -- %s {} \\ \"\n\t "


@quotes("V1")
def puts_all_entries_or_none(setup: VaultSetup) -> None:
    """Where what gives the entries breaks in the middle, none of them is there; any iterable will do."""
    vault = setup.fresh()

    def breaking() -> Iterator[Entry]:
        yield Entry("note", "1", "a", "text")
        yield Entry("note", "2", "a", "text")
        raise LookupError

    try:
        vault.put(breaking())
    except LookupError:
        require(list(vault.items("note")) == [], "a put() that raised must leave the vault as it was")
    else:
        raise Broken("put() must raise what its entries raise")
    vault.put(Entry("note", str(n), "a", "text") for n in range(3))
    vault.put([])
    require(len(list(vault.items("note"))) == 3, "put() must take any iterable of entries")


@quotes("V2")
def replaces_by_kind_and_ref(setup: VaultSetup) -> None:
    """A second entry for one place replaces text and subject; the same ref in another kind is another place."""
    vault = setup.fresh()
    vault.put([Entry("identity", "r", "a", "first"), Entry("note", "r", "a", "another kind")])
    vault.put([Entry("identity", "r", "b", "second")])
    require(list(vault.items("identity")) == [("r", "b", "second")], "text and subject must be replaced")
    require(vault.get("note", "r") == "another kind", "the same ref in another kind must be left alone")
    vault.put([Entry("label", "x", "", "1"), Entry("label", "x", "", "2")])
    require(vault.get("label", "x") == "2", "of two entries for one place the later must stand")


@quotes("V3")
def gets_none_where_there_is_none(setup: VaultSetup) -> None:
    """``get`` gives the text, and None for an unknown ref or kind; an empty text is a text."""
    vault = setup.fresh()
    vault.put([Entry("identity", "a", "a", "Ann Example"), Entry("note", "n", "a", "")])
    require(vault.get("identity", "a") == "Ann Example", "get() must give the text")
    require(vault.get("note", "n") == "", "an empty text must come back as an empty text")
    for kind, ref in (("identity", "b"), ("label", "a"), ("identity", ""), ("", "a"), ("identity", "%")):
        require(vault.get(kind, ref) is None, f"get({kind!r}, {ref!r}) must give None where there is none")


@quotes("V4")
def lists_one_kind_in_the_order_of_refs(setup: VaultSetup) -> None:
    """``items`` gives every entry of one kind, in the order of refs by code point; of an unknown kind none."""
    vault = setup.fresh()
    refs = ["b", "a", "C", "ä", "a1", "a-1", "Z"]
    vault.put([Entry("label", ref, f"s-{ref}", f"t-{ref}") for ref in refs] + [Entry("labels", "a", "", "other")])
    wanted = [(ref, f"s-{ref}", f"t-{ref}") for ref in sorted(refs)]
    require(list(vault.items("label")) == wanted, "items() must give (ref, subject, text) in the order of refs")
    require(list(vault.items("nothing")) == [], "items() of an unknown kind must give nothing")


@quotes("V5")
def gives_texts_back_as_they_were(setup: VaultSetup) -> None:
    """Hard characters and large texts come back; places that look alike are kept apart."""
    vault = setup.fresh()
    large = "ä" * 250_000
    vault.put([Entry("note", _HARD, _HARD, _HARD), Entry("row", "large", "a", large)])
    require(list(vault.items("note")) == [(_HARD, _HARD, _HARD)], "every character must come back, nothing trimmed")
    require(vault.get("row", "large") == large, "a large text must come back whole")
    alike = ["\u00e9", "e\u0301", "E\u0301", " \u00e9", "\u00e9 "]
    vault.put(Entry("label", ref, "", ref) for ref in alike)
    require([vault.get("label", ref) for ref in alike] == alike, "refs that look alike must be kept apart")


@quotes("V6")
def forgets_all_of_one_subject(setup: VaultSetup) -> None:
    """``forget`` erases the subject's entries of every kind, counts them, and leaves those of others."""
    vault = setup.fresh()
    mine = [Entry("identity", "a", "a", "Ann"), Entry("note", "n1", "a", "x"), Entry("row", "r", "a", "y")]
    others = [Entry("identity", "b", "b", "Ben"), Entry("note", "n2", "ab", "z"), Entry("note", "n3", "A", "z")]
    vault.put([*mine, *others])
    erased = vault.forget("a")
    require(erased == 3, f"forget() must give how many entries there were, 3: {erased}")
    left = [e for e in (*mine, *others) if vault.get(e.kind, e.ref) is not None]
    require(left == others, "forget() must erase every entry of its subject and no other one")
    require(vault.forget("a") == 0 == vault.forget("nobody"), "where there is nothing, forget() must give 0")


@quotes("V6")
def lets_nobody_be_forgotten(setup: VaultSetup) -> None:
    """The subject "" is nobody's: what belongs to no lead stays."""
    vault = setup.fresh()
    vault.put([Entry("label", "own-1", "", "Anna")])
    require(vault.forget("") == 0, 'forget("") must give 0')
    require(vault.get("label", "own-1") == "Anna", "what belongs to no lead must not be erased")


@quotes("V7")
def keeps_tombstones(setup: VaultSetup) -> None:
    """A tombstone outlives its subject, again and again, and is not counted."""
    vault = setup.fresh()
    vault.put([Entry("identity", "a", "a", "Ann"), Entry("tombstone", "a", "a", "erased")])
    for erased in (1, 0):
        require(vault.forget("a") == erased, "forget() must not count a tombstone")
        require(vault.get("tombstone", "a") == "erased", "forget() must leave the tombstone")


@quotes("V8")
def keeps_its_namespace(setup: VaultSetup) -> None:
    """The namespace is a UUID and stays the same, whatever is put or forgotten meanwhile."""
    vault = setup.fresh()
    first: Any = vault.namespace()
    require(isinstance(first, uuid.UUID), f"namespace() must give a UUID, not {type(first).__name__}")
    vault.put([Entry("identity", "a", "a", "Ann")])
    for subject in ("a", "", "key", "namespace"):
        vault.forget(subject)
    require(vault.namespace() == first, "namespace() must stay the same")


@quotes("V8")
def draws_a_namespace_of_its_own(setup: VaultSetup) -> None:
    """Two vaults that outlive their process have two namespaces; another handle has that of its vault."""
    one, two = setup.fresh(), setup.fresh()
    require(setup.again(one).namespace() == one.namespace(), "another handle must give the namespace of its vault")
    require(one.namespace() != two.namespace(), "every vault must draw a namespace of its own")


@quotes("V9")
def shows_every_handle_the_same_entries(setup: VaultSetup) -> None:
    """What one handle put, another reads at once, replaces and forgets."""
    vault = setup.fresh()
    other = setup.again(vault)
    require(other.get("note", "1") is None, "a handle must read what there is")
    vault.put([Entry("note", "1", "a", "text")])
    require(other.get("note", "1") == "text", "get() must be the same on every handle")
    other.put([Entry("note", "1", "a", "changed")])
    require(list(vault.items("note")) == [("1", "a", "changed")], "items() must be the same on every handle")
    require(other.forget("a") == 1, "forget() must be the same on every handle")
    require(vault.get("note", "1") is None, "what one handle forgot, no other may know")


@quotes("V9")
def loses_nothing_between_threads(setup: VaultSetup) -> None:
    """Entries that threads put at once are all there."""
    if not setup.threads:
        raise Skipped("the vault belongs to one thread (`threads` is False)")
    vault, writers, each = setup.fresh(), 4, 15
    raised: list[BaseException] = []

    def write(name: int) -> None:
        try:
            for number in range(each):
                vault.put([Entry("note", f"{name}-{number}", str(name), "text")])
        except BaseException as error:
            raised.append(error)

    threads = [threading.Thread(target=write, args=(name,), daemon=True) for name in range(writers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    if raised:
        raise raised[0]
    found = len(list(vault.items("note")))
    require(found == writers * each, f"all of {writers * each} entries must be there after threads put them: {found}")


@quotes("V10")
def goes_with_the_hosts_transaction(setup: VaultSetup) -> None:
    """What was put and forgotten is undone when the host rolls back, stays when it commits; the host's rows with it."""
    if setup.host is None:
        raise Skipped("no `host` is given: a host's connection with the vault on it")
    host: VaultHost = setup.opened(setup.host())
    vault = host.vault
    host.begin()
    host.write("row")
    vault.put([Entry("identity", "a", "a", "Ann")])
    host.rollback()
    require(vault.get("identity", "a") is None, "what was put must be gone when the host rolls back")
    require(host.written() == [], "a vault must not commit what the host wrote")
    host.begin()
    host.write("row")
    vault.put([Entry("identity", "a", "a", "Ann")])
    host.commit()
    require(host.written() == ["row"], "a vault must undo nothing of the host's")
    host.begin()
    require(vault.forget("a") == 1, "what was put must be there when the host commits")
    host.rollback()
    require(vault.get("identity", "a") == "Ann", "what was forgotten must be back when the host rolls back")


VAULT_CHECKS: tuple[Check[VaultSetup], ...] = (
    puts_all_entries_or_none,
    replaces_by_kind_and_ref,
    gets_none_where_there_is_none,
    lists_one_kind_in_the_order_of_refs,
    gives_texts_back_as_they_were,
    forgets_all_of_one_subject,
    lets_nobody_be_forgotten,
    keeps_tombstones,
    keeps_its_namespace,
    draws_a_namespace_of_its_own,
    shows_every_handle_the_same_entries,
    loses_nothing_between_threads,
    goes_with_the_hosts_transaction,
)
