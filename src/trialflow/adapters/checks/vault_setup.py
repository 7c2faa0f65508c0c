"""How the vault checks come by vaults: what an author gives, and what of it is optional."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

import attrs

from trialflow.adapters.checks.outcome import Skipped, require
from trialflow.adapters.checks.storage_setup import Closes, Transactions
from trialflow.adapters.ports import Vault

__all__ = ["VaultHost", "VaultSetup"]


class VaultHost(Transactions, Protocol):
    """A host's connection, with a table of its own and a vault on it."""

    @property
    def vault(self) -> Vault:
        """The vault on the host's connection."""
        ...


@attrs.frozen(kw_only=True)
class VaultSetup(Closes):
    """What the checks of a vault are run on.

    ``make`` gives a new, empty vault at every call. ``reopen(vault)`` gives another handle on the same vault: then the
    vault is one that outlives its process. ``host()`` gives a host's connection with a new, empty vault on it.
    ``threads`` is False for a vault that belongs to one thread, such as one on a host's connection.
    """

    make: Callable[[], Vault]
    reopen: Callable[[Vault], Vault] | None = None
    host: Callable[[], VaultHost] | None = None
    threads: bool = True
    _opened: list[Any] = attrs.field(factory=list, init=False, repr=False, eq=False)

    def fresh(self) -> Vault:
        """A new vault."""
        vault: Vault = self.opened(self.make())
        require(not any(True for _ in vault.items("identity")), "make() must give a new, empty vault at every call")
        return vault

    def again(self, vault: Vault) -> Vault:
        """Another handle on ``vault``. Raises ``Skipped`` where none can be made."""
        if self.reopen is None:
            raise Skipped("no `reopen` is given: another handle on the same vault")
        found: Vault = self.opened(self.reopen(vault))
        return found
