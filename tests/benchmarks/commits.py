"""When rows were committed, as PostgreSQL itself noted it (`track_commit_timestamp`)."""

from typing import Any, LiteralString

import psycopg
from psycopg import sql

# Of the transaction that last wrote the row, in seconds since 1970.
COMMITTED_AT: LiteralString = "extract(epoch FROM pg_xact_commit_timestamp(t.xmin))::float8"


def times(connection: psycopg.Connection[Any], table: str, *, key: str) -> dict[Any, float]:
    """Give, for each row's key, when the row was last written."""
    query = sql.SQL("SELECT {}, {} FROM {} AS t")
    names = sql.Identifier(key), sql.SQL(COMMITTED_AT), sql.Identifier(table)
    return dict(connection.execute(query.format(*names)).fetchall())
