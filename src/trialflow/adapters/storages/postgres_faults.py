"""What somebody changed by hand in a ledger's schema: guards removed, switched off or replaced, columns, indexes.

The catalogue is read as lines of text and compared with those of a schema as this version makes it, which are kept
beside this module: the role that looks may be one that can make nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from importlib.resources import files

from trialflow.adapters.storages.postgres_access import Access

__all__ = ["faults", "things"]

_TABLES = "('events', 'heads', 'store')"
_COLUMNS = f"""
SELECT format('column %%s.%%s: %%s%%s', c.relname, a.attname, format_type(a.atttypid, a.atttypmod),
    CASE WHEN a.attnotnull THEN ', not null' ELSE '' END), ''
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
WHERE c.relnamespace = to_regnamespace(%(schema)s) AND c.relname IN {_TABLES}
"""
_INDEXES = f"""
SELECT format('index %%s on %%s (%%s)%%s%%s%%s', i.relname, c.relname,
    (SELECT string_agg(a.attname, ', ' ORDER BY k.n) FROM unnest(x.indkey::int2[]) WITH ORDINALITY AS k (attnum, n)
     JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.attnum),
    CASE WHEN x.indisunique THEN ', unique' ELSE '' END,
    CASE WHEN x.indpred IS NOT NULL THEN ', partial' ELSE '' END,
    CASE WHEN x.indisvalid AND x.indisready THEN '' ELSE ', not valid' END), ''
FROM pg_index x JOIN pg_class c ON c.oid = x.indrelid JOIN pg_class i ON i.oid = x.indexrelid
WHERE c.relnamespace = to_regnamespace(%(schema)s) AND c.relname IN {_TABLES}
"""
_TRIGGERS = f"""
SELECT format('trigger %%s on %%s: runs %%s%%s', t.tgname, c.relname, p.proname,
    CASE t.tgenabled WHEN 'A' THEN ' (' || t.tgtype || ')' ELSE ', switched off' END), ''
FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid
WHERE c.relnamespace = to_regnamespace(%(schema)s) AND c.relname IN {_TABLES} AND NOT t.tgisinternal
UNION ALL SELECT format('rule %%s on %%s', r.rulename, c.relname), ''
FROM pg_rewrite r JOIN pg_class c ON c.oid = r.ev_class
WHERE c.relnamespace = to_regnamespace(%(schema)s) AND c.relname IN {_TABLES}
"""
_FUNCTIONS = """
SELECT format('function %%s', p.proname), p.prosrc FROM pg_proc p
WHERE p.pronamespace = to_regnamespace(%(schema)s)
"""


def faults(access: Access) -> tuple[str, ...]:
    """What differs from the schema as this version makes it; empty when nothing does. Raises ``StorageError``."""
    expected, found = _expected(), things(access)
    missing = [line for line in expected if line not in found]
    added = [line for line in found if line not in expected]
    return (*(f"missing: {line}" for line in missing), *(f"added: {line}" for line in added))


def things(access: Access) -> tuple[str, ...]:
    """Everything in a ledger's schema that matters, a line each, in order. A function has the hash of its text."""
    rows: list[tuple[str, str]] = []
    for query in (_COLUMNS, _INDEXES, _TRIGGERS, _FUNCTIONS):
        rows += access.rows(query.encode(), {"schema": access.schema})
    return tuple(sorted(line + _hashed(text, access.schema) for line, text in rows))


def _hashed(text: str, schema: str) -> str:
    return f": {sha256(text.replace(schema, '{schema}').encode()).hexdigest()[:16]}" if text else ""


def _expected() -> Sequence[str]:
    return files(__package__).joinpath("postgres_things.txt").read_text("utf-8").splitlines()
