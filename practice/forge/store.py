"""One SQLite file behind one lock: what is committed is still there after a kill -9."""

import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

Row = dict[str, Any]
SCHEMA = Path(__file__).with_name("schema.sql")


class Store:
    """Rows in, rows out. `url` is the forge's own address, which most of what it shows contains.

    Names of tables and columns go into the SQL as they are, for they come from our own code; values never do.
    """

    def __init__(self, path: Path, url: str) -> None:
        self.url = url.rstrip("/")
        self._lock = threading.RLock()
        self._depth = 0
        self.inserted = threading.Event()  # for threads that wait for new rows; they clear it
        path.touch(mode=0o600)
        os.chmod(path, 0o600)
        self._db = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._db.row_factory = sqlite3.Row
        self._db.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;")
        self._db.executescript(SCHEMA.read_text())

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing, one at a time: this is what makes two runners' claims safe."""
        with self._lock:
            if self._depth == 0:
                self._db.execute("BEGIN")
            self._depth += 1
            try:
                yield
            except BaseException:
                self._depth -= 1
                if self._depth == 0:
                    self._db.execute("ROLLBACK")
                raise
            self._depth -= 1
            if self._depth == 0:
                self._db.execute("COMMIT")

    def all(self, sql: str, *values: Any) -> list[Row]:
        with self._lock:
            return [dict(row) for row in self._db.execute(sql, values)]

    def one(self, sql: str, *values: Any) -> Row | None:
        with self._lock:
            row = self._db.execute(sql, values).fetchone()
            return dict(row) if row else None

    def rows(self, table: str, where: str, *values: Any) -> list[Row]:
        """By id, that is in the order they were made."""
        return self.all(f"SELECT * FROM {table} WHERE {where} ORDER BY id", *values)  # noqa: S608

    def ids(self, table: str, where: str, *values: Any) -> list[int]:
        sql = f"SELECT id FROM {table} WHERE {where} ORDER BY id"  # noqa: S608
        return [row["id"] for row in self.all(sql, *values)]

    def get(self, table: str, row_id: int) -> Row | None:
        return self.one(f"SELECT * FROM {table} WHERE id = ?", row_id)  # noqa: S608

    def require(self, table: str, row_id: int) -> Row:
        """A row that must exist; raises LookupError."""
        row = self.get(table, row_id)
        if row is None:
            raise LookupError(f"{table} {row_id} is gone")
        return row

    def value(self, sql: str, *values: Any) -> Any:
        """The first column of the first row, or None."""
        with self._lock:
            row = self._db.execute(sql, values).fetchone()
            return row[0] if row else None

    def run(self, sql: str, *values: Any) -> int:
        """The number of rows that changed."""
        with self._lock:
            return self._db.execute(sql, values).rowcount

    def insert(self, table: str, **columns: Any) -> int:
        """The new row's id."""
        names, marks = ", ".join(columns), ", ".join("?" * len(columns))
        with self._lock:
            sql = f"INSERT INTO {table} ({names}) VALUES ({marks})"  # noqa: S608
            row_id = self._db.execute(sql, tuple(columns.values())).lastrowid or 0
            self.inserted.set()
            return row_id

    def update(self, table: str, row_id: int, **columns: Any) -> None:
        sets = ", ".join(f"{name} = ?" for name in columns)
        self.run(f"UPDATE {table} SET {sets} WHERE id = ?", *columns.values(), row_id)  # noqa: S608
