"""Contender: the same figures by SQL that a good engineer would write for DuckDB, over a table in memory."""

from __future__ import annotations

import os
from typing import Any

import duckdb

from history import leads_wanted, made, measure, report
from peers import AS_OF_US, SINCE_US, Answer, Rules, arrow, rules
from trialflow.model.moments import DAY
from trialflow.reports import columns as c
from trialflow.reports.fold_tables import AGES, PRESCREEN_REACHES, VISIT_REACHES

# One pass over the events: the state of each lead. A lead's rows are in the order of their position.
_LEADS = """
CREATE OR REPLACE TEMP TABLE lead_state AS
WITH state AS (
  SELECT
    lead,
    arg_max(a, position) FILTER (kind IN ({RECEIVED}, {MOVED})) AS status,
    arg_max(moment, position) FILTER (kind IN ({RECEIVED}, {MOVED})) AS entered,
    coalesce(arg_max(b, position) FILTER (kind = {MOVED}), 0) AS reason,
    arg_max(b, position) FILTER (kind IN ({RECEIVED}, {SOURCE})) AS source,
    coalesce(arg_max(a, position) FILTER (kind IN ({OWNER}, {HANDOFF})), 0) AS owner,
    coalesce(arg_max(a, position) FILTER (kind = {CONTACT}), 0) AS attempts,
    max(moment) FILTER (kind IN ({MOVEMENT})) AS last,
    coalesce(arg_max(CASE b WHEN 1 THEN moment ELSE 0 END, position) FILTER (kind = {ACTION}), 0) AS action,
    coalesce(arg_max(CASE kind WHEN {SLOT} THEN moment ELSE 0 END, position)
      FILTER (kind IN ({VISIT}, {SLOT})), 0) AS slot,
    coalesce(sum(CASE kind WHEN {ITEM} THEN b - prior WHEN {BLOCKED} THEN 1 ELSE -1 END)
      FILTER (kind IN ({ITEM}, {BLOCKED}, {UNBLOCKED}) AND a IN ({RECORDS})), 0) AS records,
    coalesce(sum(CASE kind WHEN {ITEM} THEN b - prior WHEN {BLOCKED} THEN 1 ELSE -1 END)
      FILTER (kind IN ({ITEM}, {BLOCKED}, {UNBLOCKED}) AND a IN ({OTHERS})), 0) AS others,
    bit_or(CASE kind
      WHEN {RECEIVED} THEN ({REACHES})[a + 1]
      WHEN {MOVED} THEN ({REACHES})[a + 1]
      WHEN {CONTACT} THEN b
      WHEN {PRESCREENED} THEN ({PRESCREENS})[a + 1]
      WHEN {VISIT} THEN ({VISITS})[a + 1]
      ELSE 0 END) AS reached
  FROM events GROUP BY lead
)
SELECT
  status, reason, source, attempts, reached,
  ({FINAL})[status + 1] AS final,
  (last <= ({CUTOFFS})[status + 1] AND action <= {AS_OF} AND slot <= {AS_OF})::INT AS stale,
  (records > 0)::INT AS records, (others > 0)::INT AS others, (owner = 0)::INT AS unowned,
  (({AS_OF} - entered) // {DAY}) AS days
FROM state
"""

_PLACES = """
SELECT status, stale, records, others, unowned, count(*)::BIGINT FROM lead_state GROUP BY ALL
"""
_AGES = """
SELECT {BAND} AS band, count(*)::BIGINT, sum(stale)::BIGINT FROM lead_state WHERE NOT final GROUP BY band
"""
_SOURCES = """
SELECT source, count(*)::BIGINT, count_if(final)::BIGINT, sum(attempts)::BIGINT,
  count_if(reached & 1 > 0)::BIGINT, count_if(reached & 2 > 0)::BIGINT, count_if(reached & 4 > 0)::BIGINT,
  count_if(reached & 8 > 0)::BIGINT, count_if(reached & 16 > 0)::BIGINT
FROM lead_state GROUP BY source
"""
_REASONS = """
SELECT reason, count(*)::BIGINT FROM lead_state WHERE final GROUP BY reason
"""
_MOVES = """
SELECT prior, a, count(*)::BIGINT FROM events
WHERE kind = {MOVED} AND moment > {SINCE} AND moment <= {AS_OF} GROUP BY prior, a
"""
_PERIOD = """
SELECT count_if(kind = {RECEIVED})::BIGINT, count_if(kind = {HANDOFF})::BIGINT
FROM events WHERE kind IN ({RECEIVED}, {HANDOFF}) AND moment > {SINCE} AND moment <= {AS_OF}
"""


def _values(found: Rules) -> dict[str, Any]:
    kinds = {name: getattr(c, name) for name in dir(c) if name.isupper() and isinstance(getattr(c, name), int)}
    movement = (c.RECEIVED, c.MOVED, c.CONTACT, c.PRESCREENED, c.ITEM, c.VISIT, c.BLOCKED, c.UNBLOCKED, c.TOUCH)
    bands = " ".join(f"WHEN days < {upper} THEN {i}" for i, upper in enumerate(AGES))
    return kinds | {
        "MOVEMENT": ", ".join(map(str, movement)),
        "RECORDS": ", ".join(map(str, found.items_of_records)),
        "OTHERS": ", ".join(map(str, found.other_things)),
        "REACHES": list(found.t.reaches),
        "PRESCREENS": list(PRESCREEN_REACHES),
        "VISITS": list(VISIT_REACHES),
        "FINAL": list(found.final),
        "CUTOFFS": list(found.t.cutoff),
        "BAND": f"CASE {bands} ELSE {len(AGES)} END",
        "AS_OF": AS_OF_US,
        "SINCE": SINCE_US,
        "DAY": DAY,
    }


def main() -> None:
    """Load the columns into DuckDB, then time the queries."""
    history = made(leads_wanted())
    database = duckdb.connect()
    database.execute(f"SET threads = {os.environ.get('BENCH_THREADS', '2')}")
    database.register("columns_view", arrow(history))
    database.execute("CREATE TABLE events AS SELECT * FROM columns_view")
    database.unregister("columns_view")
    values, answer = _values(rules(history)), Answer(history)
    queries = [query.format(**values) for query in (_PLACES, _AGES, _SOURCES, _REASONS, _MOVES, _PERIOD)]
    state = _LEADS.format(**values)

    def once() -> list[list[tuple[Any, ...]]]:
        database.execute(state)
        return [database.execute(query).fetchall() for query in queries]

    seconds, (places, ages, sources, reasons, moves, period) = measure(once)
    report(answer.plain(places, ages, sources, reasons, moves, period[0]), seconds=seconds)


if __name__ == "__main__":
    main()
