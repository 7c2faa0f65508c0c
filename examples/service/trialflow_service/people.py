"""Who asks. STAND-IN: put your own login here; everything else in the service only needs an ``Actor``.

Anybody may say who they are, in a header (programs) or a cookie (the page); there is no secret in it. What stays when
you replace this: the role is looked up on the server, never taken from the request, and the tracker gets an opaque id.
"""

from __future__ import annotations

from typing import Annotated

import attrs
from fastapi import Depends, HTTPException, Security
from fastapi.security import APIKeyCookie, APIKeyHeader

from trialflow import Actor, Tracker
from trialflow_service.desk import Desk, desk_of

__all__ = ["COOKIE", "HEADER", "LOGGED_IN", "Acting", "Person", "people"]

HEADER, COOKIE = "X-Demo-Person", "demo_person"
_TEXT = "A stand-in for your login: an id of /api/people."
_header = APIKeyHeader(name=HEADER, auto_error=False, description=_TEXT)
_cookie = APIKeyCookie(name=COOKIE, auto_error=False, description=_TEXT)

_STUDY_TEAM = {"site-lead": ("Site lead", "site_lead"), "investigator-1": ("Investigator", "investigator")}


@attrs.frozen
class Person:
    """Somebody who may work with the service."""

    id: str
    name: str
    role: str


def people(tracker: Tracker) -> dict[str, Person]:
    """Everybody by id: the coordinators that the vault knows, a site lead and an investigator."""
    owners = sorted((name, ref) for ref, _, name in tracker.vault.items("label") if ref.startswith("own-"))
    found = [Person(ref, name, "coordinator") for name, ref in owners]
    found += [Person(ref, name, role) for ref, (name, role) in _STUDY_TEAM.items()]
    return {person.id: person for person in found}


async def _acting(
    desk: Annotated[Desk, Depends(desk_of)],
    header: Annotated[str | None, Security(_header)],
    cookie: Annotated[str | None, Security(_cookie)],
) -> Actor:
    known = await desk.run(people, desk.tracker)
    person = known.get(header or cookie or "")
    if person is None:
        raise HTTPException(401, f"say who you are in {HEADER}", headers={"WWW-Authenticate": HEADER})
    return Actor(id=person.id, role=person.role)


Acting = Annotated[Actor, Depends(_acting)]
"""The person behind a request. Answers 401 where nobody known asks."""

LOGGED_IN = Depends(_acting)
"""For what everybody may see who works here."""
