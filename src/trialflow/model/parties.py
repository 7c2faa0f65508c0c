"""Who acts, who owns, where a lead came from."""

from __future__ import annotations

from typing import Final, Literal

import attrs

__all__ = ["SYSTEM", "UNASSIGNED", "Actor", "ActorKind", "Owner", "Source"]

ActorKind = Literal["person", "system", "source"]

UNASSIGNED: Final = "UNASSIGNED"
"""The owner of a lead that nobody owns: a value, never a blank."""


@attrs.frozen(kw_only=True, cache_hash=True)
class Actor:
    """Who did it: ``id`` is the host's opaque id, ``role`` a role of the workflow.

    ``kind`` separates people from automation: only a ``person`` may enter what a study team decides.
    ``on_behalf_of`` names the person or team for whom a system or a delegate acted.
    """

    id: str = attrs.field(validator=attrs.validators.min_len(1))
    kind: ActorKind = "person"
    role: str = ""
    on_behalf_of: str = ""


SYSTEM: Final = Actor(id="trialflow", kind="system", role="system")
"""The library itself, for derived proposals. It can never enter a study-team status."""


@attrs.frozen(kw_only=True)
class Owner:
    """One accountable person or team of the site's roster. An inactive owner is effectively none."""

    id: str
    team: bool = False
    active: bool = True


@attrs.frozen(kw_only=True, cache_hash=True)
class Source:
    """Who produced the lead (``id``), with category, medium and campaign where known."""

    id: str
    category: str = ""
    channel: str = ""
    campaign: str = ""
