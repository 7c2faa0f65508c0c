"""The hooks: what a plugin can add to trialflow, and how it is told what was recorded.

A plugin is a module or an object with functions that bear the name of a hook and the mark ``@hookimpl``. Every hook
but the last gives an iterable of :class:`~trialflow.adapters.provider.Provider`; a generator is the easiest way. It is
called once, without any effect; ``make`` of a provider is called each time somebody chooses its name.

Rules for all of them:

* Take only the parameters you use, under the names given here, without defaults.
* A hook is a plain function: neither ``async`` nor a wrapper.
* The first to take a name has it: what is built in, then what the host passed to ``Plugins``, then what was
  discovered. A second one of the same name is a problem that is shown, never a rename.
* Whatever goes wrong in a plugin becomes a problem with its distribution and version; other plugins are not touched.

A distribution announces its plugin in its ``pyproject.toml``::

    [project.entry-points.trialflow]
    acme = "acme_trialflow"

Parameters may be added to a hook, never taken away; a hook that retires warns for two minor versions first.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from pluggy import HookimplMarker, HookspecMarker

if TYPE_CHECKING:
    from trialflow.adapters.ports import LeadSource, Renderer, Storage, Vault
    from trialflow.adapters.provider import Provider
    from trialflow.model.recorded import Recorded
    from trialflow.rules.guards import Guard
    from trialflow.rules.workflow import Workflow

__all__ = ["TrialflowHooks", "hookimpl", "hookspec"]

hookspec = HookspecMarker("trialflow")
"""Marks a specification; for trialflow itself."""
hookimpl = HookimplMarker("trialflow")
"""Marks a plugin's function as the implementation of the hook it is named after."""


class TrialflowHooks:
    """Every hook."""

    @hookspec
    def trialflow_storages(self) -> Iterable[Provider[Storage]]:
        """Where the ledger can be kept.

        ``make`` takes the options that the provider lists and gives a ``Storage``: ``append``, ``read`` and ``scan`` as
        the clauses of ``trialflow.adapters.ports`` say. ``trialflow check storage NAME`` proves them.

        Example::

            from trialflow.adapters.hooks import hookimpl
            from trialflow.adapters.provider import Option, Provider
            from trialflow.adapters.storages.sqlite import SqliteStorage

            @hookimpl
            def trialflow_storages():
                where = Option("path", "the file of the ledger", kind="path", required=True)
                yield Provider("acme", "the ledger of the ACME site system", SqliteStorage, options=(where,))
        """
        yield from ()

    @hookspec
    def trialflow_vaults(self) -> Iterable[Provider[Vault]]:
        """Where identities and notes can be kept, apart from the ledger and erasable.

        ``make`` takes the options that the provider lists and gives a ``Vault``.

        Example::

            from trialflow.adapters.hooks import hookimpl
            from trialflow.adapters.provider import Provider
            from trialflow.adapters.storages.vault_memory import MemoryVault

            @hookimpl
            def trialflow_vaults():
                yield Provider("acme-trial", "a vault that lasts as long as its process", MemoryVault)
        """
        yield from ()

    @hookspec
    def trialflow_lead_sources(self) -> Iterable[Provider[LeadSource]]:
        """Where leads can come from: a form, an agency, a referral network.

        ``make`` takes the options that the provider lists and gives a ``LeadSource``: ``fetch(cursor)`` gives the next
        batch of inquiries and the cursor after it.

        Example::

            from trialflow.adapters.hooks import hookimpl
            from trialflow.adapters.ports import Batch
            from trialflow.adapters.provider import Provider

            class Quiet:
                def fetch(self, cursor):
                    return Batch(inquiries=(), cursor=cursor, more=False)

            @hookimpl
            def trialflow_lead_sources():
                yield Provider("acme-form", "the form on the pages of ACME", Quiet)
        """
        yield from ()

    @hookspec
    def trialflow_renderers(self) -> Iterable[Provider[Renderer]]:
        """Formats of reports.

        ``make`` gives a ``Renderer``: a ``media_type``, and ``render(report, *, labels)``, which gives bytes, the same
        for the same value. It gets the report value and, except for a sponsor update, the labels of the site; never a
        store, a vault or a tracker.

        Example::

            from trialflow.adapters.hooks import hookimpl
            from trialflow.adapters.provider import Provider

            class Short:
                media_type = "text/plain; charset=utf-8"

                def render(self, report, *, labels={}):
                    return f"{type(report).__name__}\\n".encode()

            @hookimpl
            def trialflow_renderers():
                yield Provider("acme-short", "the kind of the report, and no more", Short)
        """
        yield from ()

    @hookspec
    def trialflow_guards(self) -> Iterable[Provider[Guard]]:
        """Conditions that a workflow's moves may require by name.

        ``make`` gives a ``Guard``: a pure function of one ``Attempt`` that gives None, or the ``Refusal`` that says
        what is missing. The name carries a prefix of yours (``acme:capacity``). A guard that raises refuses the move.

        Example::

            from trialflow import Refusal
            from trialflow.adapters.hooks import hookimpl
            from trialflow.adapters.provider import Provider

            def has_study(attempt):
                if attempt.lead.study:
                    return None
                return Refusal("acme_study_missing", "the lead names no study", "say which study it is for")

            @hookimpl
            def trialflow_guards():
                yield Provider("acme:study", "the lead names its study", lambda: has_study)
        """
        yield from ()

    @hookspec
    def trialflow_workflows(self) -> Iterable[Provider[Workflow]]:
        """Workflow definitions, to be chosen by name instead of by file.

        ``make`` gives a ``Workflow``; ``loads(text)`` makes one from TOML. It is checked when it is chosen.

        Example::

            import attrs
            from trialflow import default_workflow
            from trialflow.adapters.hooks import hookimpl
            from trialflow.adapters.provider import Provider

            def ours():
                return attrs.evolve(default_workflow(), name="acme")

            @hookimpl
            def trialflow_workflows():
                yield Provider("acme", "the shipped workflow under our own name", ours)
        """
        yield from ()

    @hookspec
    def trialflow_recorded(self, records: Sequence[Recorded]) -> None:
        """Told what a tracker of this process has just appended: for a screen to refresh, a message to send.

        ``records`` is what one append stored, in its order: events with their positions, never a name or a telephone
        number. It is called after the append has succeeded, on a thread of the plugin's own, one call after the other.

        It is a convenience and keeps no promise: a subscriber that falls behind misses records (and is reported), a
        process that ends tells nobody, a retry may tell twice, and what other processes append is not announced. What
        must not miss anything reads ``storage.scan(after=last_position)`` and remembers the position itself.

        Example::

            from trialflow.adapters.hooks import hookimpl

            class Screen:
                def __init__(self):
                    self.last = 0

                @hookimpl
                def trialflow_recorded(self, records):
                    self.last = records[-1].position
        """
