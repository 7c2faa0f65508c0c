"""psycopg 3, imported here once: where it is missing, the error names the extra."""

from __future__ import annotations

from trialflow.model.errors import Unsupported

try:
    import psycopg
    from psycopg.conninfo import conninfo_to_dict
    from psycopg.pq import PipelineStatus, TransactionStatus
    from psycopg.rows import tuple_row
except ImportError:
    raise Unsupported("PostgreSQL", "pip install trialflow[postgres]") from None

__all__ = ["PipelineStatus", "TransactionStatus", "conninfo_to_dict", "psycopg", "tuple_row"]
