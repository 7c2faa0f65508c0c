"""Contender: the same figures as Polars expressions over a data frame."""

from __future__ import annotations

import os

os.environ.setdefault("POLARS_MAX_THREADS", os.environ.get("BENCH_THREADS", "2"))

from typing import Any

import polars as pl

from history import leads_wanted, made, measure, report
from peers import AS_OF_US, SINCE_US, Answer, Rules, arrow, rules
from trialflow.model.moments import DAY
from trialflow.reports import columns as c
from trialflow.reports.fold_tables import AGES, PRESCREEN_REACHES, VISIT_REACHES


def _looked_up(by: pl.Expr, numbers: tuple[int, ...]) -> pl.Expr:
    return by.replace_strict(list(range(len(numbers))), list(numbers), default=0, return_dtype=pl.Int64)


def _states(events: pl.LazyFrame, found: Rules) -> pl.LazyFrame:
    """One row per lead; the rows of a group keep their order, so the last one is the latest recorded."""
    kind, at, a, b, prior = (pl.col(name) for name in ("kind", "moment", "a", "b", "prior"))
    entering = kind.is_in([c.RECEIVED, c.MOVED])
    moving = kind.is_in(
        [c.RECEIVED, c.MOVED, c.CONTACT, c.PRESCREENED, c.ITEM, c.VISIT, c.BLOCKED, c.UNBLOCKED, c.TOUCH]
    )
    standing = kind.is_in([c.ITEM, c.BLOCKED, c.UNBLOCKED])
    change = pl.when(kind == c.ITEM).then(b - prior).when(kind == c.BLOCKED).then(1).otherwise(-1)
    reached = (
        pl.when(entering)
        .then(_looked_up(a, found.t.reaches))
        .when(kind == c.CONTACT)
        .then(b)
        .when(kind == c.PRESCREENED)
        .then(_looked_up(a, PRESCREEN_REACHES))
        .when(kind == c.VISIT)
        .then(_looked_up(a, VISIT_REACHES))
        .otherwise(0)
    )
    slot = pl.when(kind == c.SLOT).then(at).otherwise(0)
    # Columns first, groups after: expressions inside a group run per lead.
    rows = events.with_columns(reached=reached, change=change, slot=slot, due=pl.when(b == 1).then(at).otherwise(0))
    return rows.group_by("lead").agg(
        status=a.filter(entering).last(),
        entered=at.filter(entering).last(),
        reason=b.filter(kind == c.MOVED).last().fill_null(0),
        source=b.filter(kind.is_in([c.RECEIVED, c.SOURCE])).last(),
        owner=a.filter(kind.is_in([c.OWNER, c.HANDOFF])).last().fill_null(0),
        attempts=a.filter(kind == c.CONTACT).last().fill_null(0),
        last=at.filter(moving).max(),
        action=pl.col("due").filter(kind == c.ACTION).last().fill_null(0),
        slot=pl.col("slot").filter(kind.is_in([c.VISIT, c.SLOT])).last().fill_null(0),
        records=pl.col("change").filter(standing & a.is_in(list(found.items_of_records))).sum(),
        others=pl.col("change").filter(standing & a.is_in(list(found.other_things))).sum(),
        reached=pl.col("reached").bitwise_or(),
    )


def _leads(events: pl.LazyFrame, found: Rules) -> pl.LazyFrame:
    status = pl.col("status")
    cutoff = _looked_up(status, found.t.cutoff)
    days = (AS_OF_US - pl.col("entered")) // DAY
    band = pl.sum_horizontal(*((days >= upper).cast(pl.Int32) for upper in AGES))
    quiet = (pl.col("last") <= cutoff) & (pl.col("action") <= AS_OF_US) & (pl.col("slot") <= AS_OF_US)
    return _states(events, found).with_columns(
        final=_looked_up(status, tuple(map(int, found.final))) == 1,
        stale=quiet.cast(pl.Int8),
        records=(pl.col("records") > 0).cast(pl.Int8),
        others=(pl.col("others") > 0).cast(pl.Int8),
        unowned=(pl.col("owner") == 0).cast(pl.Int8),
        band=band,
    )


def _queries(events: pl.LazyFrame, found: Rules) -> list[pl.LazyFrame]:
    leads, final = _leads(events, found), pl.col("final")
    period = (pl.col("moment") > SINCE_US) & (pl.col("moment") <= AS_OF_US)
    kind = pl.col("kind")
    milestones = [((pl.col("reached") & bit) > 0).sum().alias(f"reached_{bit}") for bit in (1, 2, 4, 8, 16)]
    return [
        leads.group_by("status", "stale", "records", "others", "unowned").len(),
        leads.filter(~final).group_by("band").agg(pl.len(), pl.col("stale").cast(pl.Int64).sum()),
        leads.group_by("source").agg(
            pl.len().alias("leads"), final.sum().alias("closed"), pl.col("attempts").sum(), *milestones
        ),
        leads.filter(final).group_by("reason").len(),
        events.filter((kind == c.MOVED) & period).group_by("prior", "a").len(),
        events.filter(period).select((kind == c.RECEIVED).sum().alias("r"), (kind == c.HANDOFF).sum().alias("h")),
    ]


def main() -> None:
    """Load the columns into a frame, then time the queries; they share one scan of the events."""
    history = made(leads_wanted())
    frame: Any = pl.from_arrow(arrow(history))
    found, answer = rules(history), Answer(history)

    def once() -> list[list[tuple[Any, ...]]]:
        return [part.rows() for part in pl.collect_all(_queries(frame.lazy(), found))]

    seconds, (places, ages, sources, reasons, moves, period) = measure(once)
    received, handoffs = period[0]
    report(answer.plain(places, ages, sources, reasons, moves, (received, handoffs)), seconds=seconds)


if __name__ == "__main__":
    main()
