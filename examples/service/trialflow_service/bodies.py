"""What the service takes and gives, as pydantic models: FastAPI checks with them and writes them into its OpenAPI.

trialflow's own values are attrs classes, which FastAPI does not know. Reports therefore go out as trialflow's own JSON
(``reports.json.to_json``), and only the few shapes that are this service's own are models.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field

__all__ = [
    "Contact",
    "HistoryView",
    "Inquiry",
    "LeadView",
    "Move",
    "NextView",
    "OptionView",
    "OptionsView",
    "Owner",
    "PersonView",
    "Problem",
    "ReasonView",
    "RefusalView",
    "Release",
    "Visit",
]


def _near(moment: datetime) -> datetime:
    if not 1900 <= moment.year < 2200:
        raise ValueError("the year cannot be right")
    return moment


Moment = Annotated[AwareDatetime, AfterValidator(_near)]
"""An instant with its offset from UTC, of a year that can be right."""

Word = Annotated[str, Field(max_length=200)]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class _Command(_Body):
    expected_version: Annotated[
        int, Field(strict=True, ge=1, description="The version of the lead that the person had before their eyes.")
    ]
    at: Annotated[Moment | None, Field(description="When it happened; left out: now.")] = None


class Inquiry(_Body):
    """Somebody asked about a study. ``person`` (name, phone, email ...) goes into the vault."""

    source: Word
    external_id: Annotated[Word, Field(description="The id that it has at its source: sent twice, it is one lead.")]
    person: Annotated[dict[str, str], Field(max_length=20)] = {}
    study: Word = ""
    at: Moment | None = None


class Move(_Command):
    """To a status, by its code or by the name of a move."""

    to: Word
    reason: Word = ""
    authority_ref: Word = ""


class Visit(_Command):
    """A slot for the visit; the lead moves to the status for it, both or neither."""

    visit_at: Moment


class Contact(_Command):
    """One attempt to reach the person."""

    outcome: Word = "unknown"
    channel: Word = "phone"


class Owner(_Command):
    """A handover; ``reason`` says why, as a code."""

    owner: Word
    reason: Word = ""


class Release(_Body):
    """The name under which an update goes out to the sponsor."""

    release: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,79}$")]


class NextView(BaseModel):
    """What to do next."""

    action: str
    label: str
    role: str
    due_at: datetime | None
    due: Literal["overdue", "due_today", "later", "none"]


class LeadView(BaseModel):
    """A lead as it is now. ``version`` is what a command gives back as ``expected_version``."""

    id: str
    version: int
    called: Annotated[str, Field(description="What the site calls the lead: its id in the sheet, or the name.")]
    source: str
    status: str
    status_label: str
    since: datetime
    owner: str
    owner_called: str
    bucket: str
    bucket_label: str
    blockers: list[str]
    attempts: int
    visit_at: datetime | None
    next: NextView


class RefusalView(BaseModel):
    """Why not: a stable code, what is wrong, and what would mend it."""

    code: str
    message: str
    fix: str


class ReasonView(BaseModel):
    """A reason that a move takes."""

    code: str
    label: str


class OptionView(BaseModel):
    """A move out of the present status: a button. ``asks`` are the fields to fill in before it can go through;
    ``refusals`` say what else stands in the way."""

    move: str
    to: str
    label: str
    allowed: bool
    asks: list[Literal["reason", "authority_ref", "visit_at"]]
    reasons: list[ReasonView]
    refusals: list[RefusalView]


class OptionsView(BaseModel):
    """The moves of a lead for whoever asks, and the version they are drawn from."""

    lead: str
    version: int
    options: list[OptionView]


class HistoryView(BaseModel):
    """One record, in one sentence."""

    version: int
    at: datetime
    by: str
    by_called: str
    said: str


class PersonView(BaseModel):
    """Somebody who may say who they are."""

    id: str
    name: str
    role: str


class Problem(BaseModel):
    """An error (RFC 9457). ``code`` is trialflow's stable code; the fields after it come with some codes only."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    refusals: Annotated[list[RefusalView] | None, Field(description="With `refused`: everything in the way.")] = None
    expected: Annotated[int | None, Field(description="With `conflict`: the version that was named.")] = None
    actual: Annotated[int | None, Field(description="With `conflict`: the version that is there.")] = None
    meanwhile: Annotated[list[HistoryView] | None, Field(description="With `conflict`: what happened since.")] = None
    outcome: Annotated[
        Literal["not stored", "unknown"] | None, Field(description="With `storage_failed`: whether it is stored.")
    ] = None
    problems: Annotated[list[dict[str, Any]] | None, Field(description="Every place that is wrong, and why.")] = None
