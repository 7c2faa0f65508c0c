"""What lies in a new ledger's schema, as its self-check compares it.

After a change of the schema:
``python tests/helpers/pg_things.py > src/trialflow/adapters/storages/postgres_things.txt``
"""

from __future__ import annotations

from pg_server import Server
from trialflow.adapters.storages.postgres import PostgresStorage
from trialflow.adapters.storages.postgres_faults import things


def main() -> None:
    """Print the lines."""
    server = Server()
    with PostgresStorage(server.dsn()) as store:
        print("\n".join(things(store._access)))
    server.stop()


if __name__ == "__main__":
    main()
