"""Honest small statistics: exact counts in, intervals out. Nothing random, nothing fitted.

Wilson interval: Wilson 1927, as recommended by Brown, Cai and DasGupta 2001 for small n. Aalen-Johansen:
exact rationals, ties handled as ties.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from itertools import groupby, pairwise
from math import sqrt
from operator import itemgetter

from trialflow.reports.values import Ratio

__all__ = [
    "aalen_johansen",
    "incidence",
    "median",
    "median_incidence",
    "quantile",
    "ratio",
    "wilson",
]

_Z = 1.959963984540054
"""The 97.5 % quantile of the standard normal distribution."""


def wilson(successes: int, n: int) -> tuple[float, float]:
    """The Wilson 95 % interval of a proportion. ``n`` must be positive; both ends lie in [0, 1]."""
    p, z2 = successes / n, _Z * _Z
    centre = (p + z2 / (2 * n)) / (1 + z2 / n)
    half = _Z * sqrt(p * (1 - p) / n + z2 / (4 * n * n)) / (1 + z2 / n)
    return (0.0 if successes == 0 else max(0.0, centre - half), 1.0 if successes == n else min(1.0, centre + half))


def ratio(numerator: int, denominator: int) -> Ratio:
    """A ratio with its interval; None, not 0, on an empty denominator."""
    if denominator <= 0:
        return Ratio(numerator=numerator, denominator=0)
    low, high = wilson(numerator, denominator)
    return Ratio(numerator=numerator, denominator=denominator, value=numerator / denominator, low=low, high=high)


def quantile(counts: Mapping[int, int], share: Fraction) -> int | None:
    """The smallest value at or below which at least ``share`` of all lie; None when there are none.

    ``counts`` (value to how many) add up across partitions, so the quantile of a whole is exact.
    """
    total = sum(counts.values())
    if not total:
        return None
    seen = 0
    for value in sorted(counts):
        seen += counts[value]
        if seen >= share * total:
            return value
    return max(counts)


def median(values: Iterable[int]) -> int | None:
    """The lower median, exact; None when there are none."""
    return quantile(Counter(values), Fraction(1, 2))


def aalen_johansen(spells: Iterable[tuple[int, int]]) -> dict[int, list[tuple[int, Fraction]]]:
    """Cumulative incidence per cause from (duration, cause): cause 0 is censored, the others compete.

    For each cause the (time, incidence) steps at every time with an event of any cause. Ties are exact: all events
    of one time share the number at risk, and the censored of that time are still at risk in it. Exact rationals grow
    with the number of times: for thousands of spells ask :func:`incidence` or :func:`median_incidence`.
    """
    known = list(spells)
    causes = sorted({cause for _, cause in known if cause})
    survival, sums = Fraction(1), dict.fromkeys(causes, Fraction(0))
    steps: dict[int, list[tuple[int, Fraction]]] = {cause: [] for cause in causes}
    for time, found, risk in _event_times(known):
        for cause in causes:
            sums[cause] += survival * Fraction(found.get(cause, 0), risk)
            steps[cause].append((time, sums[cause]))
        survival *= 1 - Fraction(_events(found), risk)
    return steps


def incidence(spells: Iterable[tuple[int, int]], horizon: int) -> float | None:
    """The cumulative incidence of cause 1 at ``horizon`` (Aalen-Johansen, floating point).

    None without spells, and where nobody was followed up to the horizon and some are still open: not known.
    """
    known = list(spells)
    if not known or (max(d for d, _ in known) < horizon and not all(cause for _, cause in known)):
        return None
    return next((sum_ for time, sum_ in reversed(list(_incidences(known))) if time <= horizon), 0.0)


def median_incidence(spells: Iterable[tuple[int, int]]) -> int | None:
    """The time by which half of all had the event of cause 1, with censored (0) and competing (other) ends taken into
    account; None when half never got there: as far as the data goes, or at all."""
    known = list(spells)
    # Censoring only adds to the weight of what is left: the others get their share of all at least. Where that is more
    # than half, nothing needs to be sorted.
    if 2 * sum([cause > 1 for _, cause in known]) > len(known):
        return None
    return next((time for time, sum_ in _incidences(known) if sum_ >= 0.5 - _SLACK), None)


_SLACK = 1e-9
"""Floating point may end a hair below the exact half."""


def _incidences(spells: list[tuple[int, int]]) -> Iterator[tuple[int, float]]:
    """(time, cumulative incidence of cause 1) of every time with an event, ascending.

    One loop over the sorted spells: a large board has some hundred thousand of them, nearly all at times of their own.
    They are sorted as single numbers, the cause in the last bits, in a quarter of the time that pairs take.
    """
    bits = max([cause for _, cause in spells], default=0).bit_length()
    mask = (1 << bits) - 1
    ordered = sorted([time << bits | cause for time, cause in spells])
    survival, sum_, risk = 1.0, 0.0, len(spells)
    first = others = censored = 0
    for number, following in pairwise([*ordered, *((last | mask) + 1 for last in ordered[-1:])]):
        cause = number & mask
        if cause == 1:
            first += 1
        elif cause:
            others += 1
        else:
            censored += 1
        if following > number | mask:  # the last of its time
            ended = first + others
            if ended:
                sum_ += survival * first / risk
                survival *= 1 - ended / risk
                yield number >> bits, sum_
            risk -= ended + censored
            first = others = censored = 0


def _events(found: Mapping[int, int]) -> int:
    """How many ended, by any cause."""
    return sum(found.values()) - found.get(0, 0)


def _event_times(spells: list[tuple[int, int]]) -> Iterator[tuple[int, dict[int, int], int]]:
    """(time, how many by cause, number at risk) of every time with an event, ascending."""
    risk = len(spells)
    for time, ended in groupby(sorted(spells), itemgetter(0)):
        found: dict[int, int] = {}
        for _, cause in ended:
            found[cause] = found.get(cause, 0) + 1
        if len(found) > 1 or 0 not in found:
            yield time, found, risk
        risk -= sum(found.values())
