"""What lies in the two PostgreSQL schemas, by schema version, and how they are made and brought up to date.

The ledger has two tables, and rows are only ever inserted into them: ``events``, one row a record, and ``heads``, one
row an append with the head of the chain after it. There is no row that is updated: the role that appends needs INSERT
and SELECT and nothing else, and no transaction that stays open makes appends slower. Beside them lie the tables of
leads (:mod:`.postgres_lead_tables`), which follow from the events and are made anew where they are missing.

**No late arrivals (S5).** Every append takes ``hold()``, an advisory lock of the ledger, until its transaction ends;
only then are its positions given. PostgreSQL makes a transaction visible before it lets go of its locks, so positions
become visible in their own order: a reader that has seen position p has seen all below. A sequence cannot do that (its
numbers are taken before the commit), a high-water mark needs readers that wait, and LOCK TABLE needs more rights than
INSERT. The trigger before INSERT takes the same lock, so that no other program's INSERT can come in between.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import attrs

from trialflow.adapters.storages.postgres_lead_tables import LEAD_RIGHTS, LEAD_TABLES

__all__ = ["LEDGER", "VAULT", "Schema", "quoted"]

_NAME = re.compile(r"(?!pg_)[a-z_][a-z0-9_]{0,47}")

_LEDGER_1 = (
    """
CREATE TABLE {schema}.events (
    position bigint PRIMARY KEY,
    stream text COLLATE "C" NOT NULL,
    version bigint NOT NULL,
    recorded_at bigint NOT NULL,
    payload text NOT NULL,
    prev_hash bytea NOT NULL,
    hash bytea NOT NULL,
    idempotency_key text COLLATE "C",
    CONSTRAINT events_stream_version UNIQUE (stream, version)
)""",
    "CREATE UNIQUE INDEX events_key ON {schema}.events (idempotency_key) WHERE idempotency_key IS NOT NULL",
    "CREATE TABLE {schema}.heads (position bigint PRIMARY KEY, head bytea NOT NULL)",
    # 0x74726C66 is "trlf": the upper half of the lock's number, the table's own number is the lower.
    """
CREATE FUNCTION {schema}.hold() RETURNS void LANGUAGE sql AS $$
    SELECT pg_catalog.pg_advisory_xact_lock((1953655910::bigint << 32) | '{schema}.events'::regclass::oid::bigint)
$$""",
    # A function that is VOLATILE sees, under READ COMMITTED, with each statement what was committed before it: after
    # hold() therefore the true ends of the store (no name) and of the streams.
    """
CREATE FUNCTION {schema}.ends(streams text[]) RETURNS TABLE (name text, number bigint, digest bytea)
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    PERFORM {schema}.hold();
    RETURN QUERY SELECT NULL::text, h.position, h.head FROM {schema}.heads h ORDER BY h.position DESC LIMIT 1;
    RETURN QUERY SELECT s.name, t.version, t.hash FROM unnest(streams) AS s (name) CROSS JOIN LATERAL (
        SELECT e.version, e.hash FROM {schema}.events e WHERE e.stream = s.name ORDER BY e.version DESC LIMIT 1
    ) AS t;
END
$$""",
    """
CREATE FUNCTION {schema}.serial() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM {schema}.hold();
    RETURN NULL;
END
$$""",
    """
CREATE FUNCTION {schema}.refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'history is append-only: no %', lower(TG_OP) USING ERRCODE = 'restrict_violation';
END
$$""",
    """
CREATE FUNCTION {schema}.follow() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    lowest bigint;
    highest bigint;
    many bigint;
BEGIN
    SELECT min(position), max(position), count(*) INTO lowest, highest, many FROM fresh;
    IF many = 0 THEN
        RETURN NULL;
    END IF;
    IF highest - lowest + 1 <> many OR lowest < 1
        OR (lowest > 1 AND NOT EXISTS (SELECT FROM {schema}.events WHERE position = lowest - 1))
        OR highest <> (SELECT max(position) FROM {schema}.events)
        OR EXISTS (
            SELECT FROM fresh f
            WHERE f.version < 1 OR f.version > 1 AND NOT EXISTS (
                SELECT FROM {schema}.events e
                WHERE e.stream = f.stream AND e.version = f.version - 1
                    AND e.position < f.position AND e.hash = f.prev_hash
            )
        )
    THEN
        RAISE EXCEPTION 'history is append-only: the next record or none' USING ERRCODE = 'restrict_violation';
    END IF;
    PERFORM pg_catalog.pg_notify('trialflow_' || TG_RELID, highest::text);
    RETURN NULL;
END
$$""",
    """
CREATE FUNCTION {schema}.crown() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM fresh WHERE position IS DISTINCT FROM (SELECT max(position) FROM {schema}.events)) THEN
        RAISE EXCEPTION 'history is append-only: the head of the last record or none'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NULL;
END
$$""",
    """
CREATE TRIGGER events_serial BEFORE INSERT ON {schema}.events
    FOR EACH STATEMENT EXECUTE FUNCTION {schema}.serial()""",
    """
CREATE TRIGGER events_follow AFTER INSERT ON {schema}.events REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION {schema}.follow()""",
    """
CREATE TRIGGER events_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON {schema}.events
    FOR EACH STATEMENT EXECUTE FUNCTION {schema}.refuse()""",
    """
CREATE TRIGGER heads_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON {schema}.heads
    FOR EACH STATEMENT EXECUTE FUNCTION {schema}.refuse()""",
    """
CREATE TRIGGER heads_serial BEFORE INSERT ON {schema}.heads
    FOR EACH STATEMENT EXECUTE FUNCTION {schema}.serial()""",
    """
CREATE TRIGGER heads_crown AFTER INSERT ON {schema}.heads REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION {schema}.crown()""",
    # ALWAYS: they also fire for a session that plays a replica.
    "ALTER TABLE {schema}.events ENABLE ALWAYS TRIGGER events_serial",
    "ALTER TABLE {schema}.events ENABLE ALWAYS TRIGGER events_follow",
    "ALTER TABLE {schema}.events ENABLE ALWAYS TRIGGER events_no_change",
    "ALTER TABLE {schema}.heads ENABLE ALWAYS TRIGGER heads_no_change",
    "ALTER TABLE {schema}.heads ENABLE ALWAYS TRIGGER heads_serial",
    "ALTER TABLE {schema}.heads ENABLE ALWAYS TRIGGER heads_crown",
)

_VAULT_1 = (
    # The text as bytes: a text of PostgreSQL cannot hold the character NUL. Vacuumed as soon as something was erased.
    """
CREATE TABLE {schema}.entries (
    kind text COLLATE "C" NOT NULL,
    ref text COLLATE "C" NOT NULL,
    subject text COLLATE "C" NOT NULL,
    text bytea NOT NULL,
    PRIMARY KEY (kind, ref)
) WITH (autovacuum_vacuum_threshold = 0, autovacuum_vacuum_scale_factor = 0)""",
    "CREATE INDEX entries_subject ON {schema}.entries (subject) WHERE subject <> ''",
    # The secret under which ids are made, drawn once, with the vault.
    "INSERT INTO {schema}.entries VALUES ('key', 'namespace', '', convert_to(gen_random_uuid()::text, 'UTF8'))",
)


@attrs.frozen
class Schema:
    """One kind of schema: what it is called, the rights on its tables for a role that works with it, and the statements
    of each version, oldest first."""

    what: str
    rights: Mapping[str, str]
    scripts: tuple[tuple[str, ...], ...]

    @property
    def latest(self) -> int:
        """The schema version this code writes."""
        return len(self.scripts)


_APPEND = "SELECT, INSERT"
LEDGER = Schema(
    "ledger",
    {"store": "SELECT", "events": _APPEND, "heads": _APPEND, **LEAD_RIGHTS},
    (_LEDGER_1, LEAD_TABLES),
)
VAULT = Schema("vault", {"store": "SELECT", "entries": "SELECT, INSERT, UPDATE, DELETE"}, (_VAULT_1,))


def quoted(name: str) -> str:
    """A schema's name as SQL. Raises ``ValueError`` for one that is not plain."""
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise ValueError("a schema's name is up to 48 small letters, digits and _, a letter or _ first, and no pg_")
    return f'"{name}"'
