"""Statistics against published and independently computed numbers, and against their own identities."""

from __future__ import annotations

from fractions import Fraction
from math import comb

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests_sizes import size
from trialflow.reports.statistics import (
    aalen_johansen,
    incidence,
    median,
    median_incidence,
    quantile,
    ratio,
    wilson,
)

F = Fraction


@pytest.mark.parametrize(
    ("successes", "n", "low", "high"),
    [
        # Newcombe 1998, Statistics in Medicine 17:857, table I, and statsmodels 0.15.
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
        (3, 10, 0.1078, 0.6032),
        (0, 1, 0.0, 0.7935),
        (1, 1, 0.2065, 1.0),
    ],
)
def test_wilson_gives_the_published_intervals(successes: int, n: int, low: float, high: float) -> None:
    assert wilson(successes, n) == pytest.approx((low, high), abs=5e-5)


def test_wilson_covers_as_often_as_it_says() -> None:
    """Exact coverage over a grid of true shares: 95 % on average; 83 % in the worst case, which is at n = 5."""
    for n in range(5, size(ci=41, long=101)):
        ends = [wilson(k, n) for k in range(n + 1)]
        shares = [i / 96 for i in range(2, 95)]
        covered = [
            sum(comb(n, k) * p**k * (1 - p) ** (n - k) for k in range(n + 1) if ends[k][0] <= p <= ends[k][1])
            for p in shares
        ]
        assert min(covered) >= 0.83, n
        assert sum(covered) / len(covered) >= 0.945, n


def test_a_ratio_of_nothing_is_not_known() -> None:
    found = ratio(0, 0)
    assert (found.numerator, found.denominator, found.value, found.low, found.high) == (0, 0, None, None, None)


@given(st.integers(0, 500), st.integers(1, 500))
def test_the_interval_holds_the_share(successes: int, extra: int) -> None:
    found = ratio(successes, successes + extra)
    assert found.low is not None
    assert found.value is not None
    assert found.high is not None
    assert 0 <= found.low <= found.value <= found.high <= 1
    wider = ratio(2 * successes, 2 * (successes + extra))
    assert wider.low is not None
    assert wider.high is not None
    assert wider.high - wider.low < found.high - found.low


FREIREICH = [(t, 1) for t in (6, 6, 6, 7, 10, 13, 16, 22, 23)] + [
    (t, 0) for t in (6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35)
]
"""Freireich et al. 1963, Blood 21:699: weeks of remission under 6-mercaptopurine."""


def survival(spells: list[tuple[int, int]]) -> list[tuple[int, Fraction]]:
    """Kaplan-Meier: what the incidence of one cause, whichever it is, leaves over."""
    steps = aalen_johansen((time, int(cause > 0)) for time, cause in spells)
    return [(time, 1 - value) for time, value in steps.get(1, [])]


def test_one_cause_gives_the_textbook_curve_of_kaplan_and_meier() -> None:
    found = survival(FREIREICH)
    assert [t for t, _ in found] == [6, 7, 10, 13, 16, 22, 23]
    expected = [0.8571, 0.8067, 0.7529, 0.6902, 0.6275, 0.5378, 0.4482]
    assert [float(s) for _, s in found] == pytest.approx(expected, abs=5e-5)
    assert median_incidence(FREIREICH) == 23


def test_aalen_johansen_by_hand() -> None:
    found = aalen_johansen(zip((1, 2, 3, 4, 5, 6), (1, 2, 1, 0, 2, 1), strict=True))
    assert [x for _, x in found[1]] == [F(1, 6), F(1, 6), F(1, 3), F(1, 3), F(7, 12)]
    assert [x for _, x in found[2]] == [0, F(1, 6), F(1, 6), F(5, 12), F(5, 12)]


def test_ties_are_exact_however_often_one_asks() -> None:
    spells = list(zip((1, 1, 2, 2, 3, 3, 4, 4, 5, 5), (1, 2, 1, 0, 2, 1, 0, 1, 2, 0), strict=True))
    for order in (spells, spells[::-1], sorted(spells, key=lambda s: -s[1])):
        found = aalen_johansen(order)
        assert (found[1][-1][1], found[2][-1][1]) == (F(13, 30), F(47, 120))
        assert 1 - found[1][-1][1] - found[2][-1][1] == F(7, 40)


SPELLS = st.lists(st.tuples(st.integers(0, 12), st.integers(0, 3)), max_size=40)


def brute(spells: list[tuple[int, int]], cause: int, at: int) -> Fraction:
    """The definition: the sum over event times of the survival before, times the share that ends there."""
    total, survival = F(0), F(1)
    for time in sorted({t for t, c in spells if c and t <= at}):
        risk = sum(t >= time for t, _ in spells)
        total += survival * F(sum(t == time and c == cause for t, c in spells), risk)
        survival *= 1 - F(sum(t == time and c > 0 for t, c in spells), risk)
    return total


@given(SPELLS)
def test_aalen_johansen_is_its_definition_and_all_causes_and_survival_sum_to_one(spells: list[tuple[int, int]]) -> None:
    found = aalen_johansen(spells)
    survivors = dict(survival(spells))
    for cause, steps in found.items():
        for time, value in steps:
            assert value == brute(spells, cause, time)
    for i, time in enumerate(sorted(survivors)):
        assert sum(steps[i][1] for steps in found.values()) + survivors[time] == 1


@given(SPELLS, st.integers(0, 12))
def test_the_share_at_a_horizon(spells: list[tuple[int, int]], horizon: int) -> None:
    found = incidence(spells, horizon)
    if found is None:
        assert not spells or max(t for t, _ in spells) < horizon
    else:
        assert found == pytest.approx(float(brute(spells, 1, horizon)), abs=1e-12)


@given(SPELLS)
def test_the_median_is_the_first_time_half_is_reached(spells: list[tuple[int, int]]) -> None:
    times = [t for t in sorted({t for t, c in spells if c}) if brute(spells, 1, t) >= F(1, 2)]
    assert median_incidence(spells) == (times[0] if times else None)


@given(SPELLS)
def test_doubling_every_lead_or_changing_the_unit_changes_no_time(spells: list[tuple[int, int]]) -> None:
    assert median_incidence(spells * 2) == median_incidence(spells)
    found = median_incidence([(7 * t, c) for t, c in spells])
    plain = median_incidence(spells)
    assert found == (7 * plain if plain is not None else None)


def test_leaving_out_open_and_closed_leads_says_too_much() -> None:
    """The control: what a naive figure makes of the same leads."""
    spells = [(2, 1)] * 3 + [(5, 2)] * 4 + [(9, 0)] * 3
    assert median([t for t, c in spells if c == 1]) == 2, "the median of those who had it"
    assert median_incidence(spells) is None, "three of ten had it"
    assert incidence(spells, 9) == pytest.approx(0.3)
    naive = 1 - survival([(t, int(c == 1)) for t, c in spells])[-1][1]
    assert naive == F(3, 10)
    later = [(3, 2)] * 4 + [(5, 1)] * 3 + [(9, 0)] * 3
    assert 1 - survival([(t, int(c == 1)) for t, c in later])[-1][1] == F(1, 2), "1 - KM takes the closed as open"
    assert aalen_johansen(later)[1][-1][1] == F(3, 10)


def test_many_leads_are_no_trouble() -> None:
    spells = [(1000 * i % 99_991, (0, 1, 2)[i % 3]) for i in range(20_000)]
    # Times are spread evenly, a third each are censored, events and closed: F(u) = (1 - (1 - u) ** (2/3)) / 2.
    assert incidence(spells, 50_000) == pytest.approx((1 - 0.5 ** (2 / 3)) / 2, abs=0.002)
    assert incidence(spells, 90_000) == pytest.approx((1 - 0.1 ** (2 / 3)) / 2, abs=0.002)


def test_quantiles_of_counts_add_up() -> None:
    assert quantile({}, F(1, 2)) is None
    assert quantile({3: 1, 5: 1}, F(1, 2)) == 3
    assert quantile({3: 1, 5: 2}, F(1, 2)) == 5
    assert quantile({3: 1, 5: 2}, F(1)) == 5
    assert median([]) is None
