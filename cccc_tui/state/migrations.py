"""The tables of the state database, and how an older file becomes a current one.

`PRAGMA user_version` counts the migrations that a file has been through. A migration is never changed once
it has been released: what comes later is added at the end.
"""

from __future__ import annotations

import sqlite3

MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (
        """CREATE TABLE usage (
            day TEXT NOT NULL, endpoint TEXT NOT NULL, model TEXT NOT NULL, client TEXT NOT NULL,
            requests INTEGER NOT NULL, failures INTEGER NOT NULL,
            input_tokens INTEGER NOT NULL, output_tokens INTEGER NOT NULL, cache_read_tokens INTEGER NOT NULL,
            cache_write_tokens INTEGER NOT NULL, reasoning_tokens INTEGER NOT NULL,
            cost_usd REAL NOT NULL, unpriced INTEGER NOT NULL,
            PRIMARY KEY (day, endpoint, model, client)
        ) WITHOUT ROWID""",
        """CREATE TABLE health (
            endpoint_id TEXT PRIMARY KEY, state TEXT NOT NULL, since REAL NOT NULL, back_at REAL,
            failures INTEGER NOT NULL, reason TEXT NOT NULL
        ) WITHOUT ROWID""",
        """CREATE TABLE facts ( endpoint_id TEXT NOT NULL, model TEXT NOT NULL, name TEXT NOT NULL, value
        TEXT NOT NULL, evidence TEXT NOT NULL, exchange_id INTEGER NOT NULL, first_seen REAL NOT NULL,
        last_seen REAL NOT NULL, expires_at REAL, pinned INTEGER NOT NULL, PRIMARY KEY (endpoint_id,
        model, name) ) WITHOUT ROWID""",
    ),
    (
        """CREATE TABLE bindings (
            session TEXT NOT NULL, pool TEXT NOT NULL, endpoint_id TEXT NOT NULL, key_id TEXT NOT NULL,
            used_at REAL NOT NULL, PRIMARY KEY (session, pool)
        ) WITHOUT ROWID""",
        "ALTER TABLE health ADD COLUMN error_class TEXT NOT NULL DEFAULT ''",
    ),
)


class TooNew(Exception):
    """The file was written by a later version, whose tables we do not know."""


def migrate(connection: sqlite3.Connection) -> None:
    """Brings the file up to date, whole or not at all. Raises `TooNew`."""
    # The version is read under the write lock: another process may be doing the same at this moment.
    connection.execute("BEGIN IMMEDIATE")
    try:
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        if version > len(MIGRATIONS):
            raise TooNew(f"it was written by a later version of cccc (schema {version})")
        for statement in (statement for migration in MIGRATIONS[version:] for statement in migration):
            connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise
