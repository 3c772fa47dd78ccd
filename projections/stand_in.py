"""Is what the answers speak to a database of SQLite, or does it only stand in for one?"""

import sqlite3


def in_sqlite(connection: object) -> bool:
    """Say no of what speaks to PostgreSQL behind the face of `sqlite3.Connection`."""
    return isinstance(connection, sqlite3.Connection)
