"""The tables of leads in a ledger's schema in PostgreSQL, and the rights on them: they may be erased and made anew."""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["LEAD_RIGHTS", "LEAD_TABLES"]

LEAD_TABLES = (
    """
CREATE TABLE {schema}.lead_state (
    stream text COLLATE "C" PRIMARY KEY,
    version bigint NOT NULL,
    status integer,
    owner integer,
    acting integer,
    plain integer NOT NULL,
    filled bigint NOT NULL,
    latest bigint NOT NULL,
    merged integer NOT NULL,
    lead text,
    rows bytea NOT NULL,
    withdrawn text
)""",
    "CREATE INDEX lead_state_work ON {schema}.lead_state (status, owner)",
    "CREATE INDEX lead_state_acting ON {schema}.lead_state (acting) WHERE acting IS NOT NULL",
    "CREATE INDEX lead_state_latest ON {schema}.lead_state (latest)",
    """
CREATE TABLE {schema}.lead_handoffs (
    stream text COLLATE "C" PRIMARY KEY, status integer, latest bigint NOT NULL, spells bytea NOT NULL
)""",
    """
CREATE TABLE {schema}.lead_counts (
    what text COLLATE "C" NOT NULL,
    key text COLLATE "C" NOT NULL,
    leads bigint NOT NULL,
    attempts bigint NOT NULL,
    handoffs bigint NOT NULL,
    PRIMARY KEY (what, key)
)""",
    """
CREATE TABLE {schema}.lead_words (
    kind text COLLATE "C" NOT NULL,
    number integer NOT NULL,
    word text COLLATE "C" NOT NULL,
    PRIMARY KEY (kind, number),
    UNIQUE (kind, word)
)""",
    """
CREATE TABLE {schema}.lead_kept (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    position bigint NOT NULL DEFAULT 0,
    format integer NOT NULL DEFAULT 0,
    turn bigint NOT NULL DEFAULT 0,
    start bigint NOT NULL DEFAULT 0,
    progress text COLLATE "C" NOT NULL DEFAULT ''
)""",
    "INSERT INTO {schema}.lead_kept DEFAULT VALUES",
)

_WRITE = "SELECT, INSERT, UPDATE, DELETE"
LEAD_RIGHTS: Mapping[str, str] = {f"lead_{name}": _WRITE for name in ("state", "handoffs", "counts", "words", "kept")}
"""What a role that works with the ledger needs on them."""
