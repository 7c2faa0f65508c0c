"""Whom the demonstration is about: invented people, five invented coordinators, nine sources that differ in quality."""

from __future__ import annotations

import random
from datetime import date

import attrs

__all__ = ["COORDINATORS", "SOURCES", "Channel", "Coordinator", "Person", "person"]


@attrs.frozen(kw_only=True)
class Channel:
    """A source as it really behaves. ``share`` of all inquiries; the others are chances: that one attempt reaches the
    person, that a person reached goes on, that the site's review goes on, that a visit is attended."""

    name: str
    share: float
    reached: float
    goes_on: float
    fits: float
    attends: float
    spellings: tuple[str, ...] = ()


# The largest source is far from the best one; referrals are few, slow to come and go furthest.
SOURCES = (
    Channel(
        name="Instagram", share=0.25, reached=0.16, goes_on=0.45, fits=0.40, attends=0.65, spellings=("Insta", "IG ad")
    ),
    Channel(name="Facebook", share=0.13, reached=0.24, goes_on=0.52, fits=0.42, attends=0.70, spellings=("FB",)),
    Channel(name="Google Ads", share=0.12, reached=0.30, goes_on=0.55, fits=0.46, attends=0.72),
    Channel(name="Website form", share=0.12, reached=0.38, goes_on=0.64, fits=0.52, attends=0.80),
    Channel(name="Radio", share=0.10, reached=0.22, goes_on=0.46, fits=0.34, attends=0.65),
    Channel(
        name="Physician referral",
        share=0.09,
        reached=0.62,
        goes_on=0.86,
        fits=0.76,
        attends=0.92,
        spellings=("Dr referral",),
    ),
    Channel(name="Patient registry", share=0.07, reached=0.46, goes_on=0.72, fits=0.62, attends=0.86),
    Channel(name="Site database", share=0.07, reached=0.48, goes_on=0.70, fits=0.58, attends=0.86),
    Channel(name="Community event", share=0.05, reached=0.34, goes_on=0.60, fits=0.44, attends=0.74),
)


@attrs.frozen(kw_only=True)
class Coordinator:
    """Somebody who works the queue: how many working days until a first attempt, and how much is let slip."""

    name: str
    share: float
    first_attempt: tuple[int, ...]
    slips: float
    away_from: date = date.max


AWAY = date(2026, 5, 11)

COORDINATORS = (
    Coordinator(name="Ana Mockridge", share=0.27, first_attempt=(0, 0, 1, 1), slips=0.012),
    Coordinator(name="Ben Sampleton", share=0.22, first_attempt=(0, 1, 1, 2), slips=0.02),
    Coordinator(name="Cleo Draftman", share=0.20, first_attempt=(0, 1, 1, 1), slips=0.015),
    Coordinator(name="Dev Fictor", share=0.18, first_attempt=(1, 1, 2, 3), slips=0.05),
    Coordinator(name="Eva Notreal", share=0.13, first_attempt=(0, 0, 1, 2), slips=0.015, away_from=AWAY),
)
"""Eva Notreal is away from 11 May on, and her leads wait."""


@attrs.frozen(kw_only=True)
class Person:
    """One invented person."""

    first: str
    last: str
    phone: str
    email: str


_FIRST = (
    "Avery", "Blake", "Casey", "Devon", "Ellis", "Finley", "Gray", "Harper", "Indigo",
    "Jules", "Kai", "Lane", "Morgan", "Nico", "Oakley", "Parker", "Quinn", "Reese",
    "Sage", "Tatum", "Umber", "Vesper", "Wren", "Xen", "Yael", "Zephyr",
)  # fmt: skip
_LAST = (
    "Demoson", "Draftly", "Examplin", "Fabler", "Fauxley", "Fictum", "Imaginez", "Madeup", "Makebelieve",
    "Mockford", "Nulla", "O'Fiction", "Placeholder", "Pretendo", "Prototyp", "Sampler", "Specimen", "Storybrook",
    "Testman", "Vignette",
)  # fmt: skip
_PHONES = ("({0}) 555-{1}", "{0}-555-{1}", "{0}.555.{1}", "+1 {0} 555 {1}")


def person(rng: random.Random, number: int) -> Person:
    """Person ``number``: a phone number of the range kept for fiction, an address at example.org."""
    first, last = rng.choice(_FIRST), rng.choice(_LAST)
    # 555-0100 to 555-0199 are kept for fiction: a hundred in each area.
    phone = rng.choice(_PHONES).format(610 + number // 100, f"01{number % 100:02d}")
    address = f"{first}.{last}{number}@example.org".lower().replace("'", "")
    return Person(first=first, last=last, phone=phone, email=address)
