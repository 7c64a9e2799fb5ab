"""What happens to a test's database between two of its statements: somebody else writes, or the process dies."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection as database


@contextmanager
def before(words: str, act: Callable[[], object]) -> Iterator[None]:
    """`act` is called once, before the first statement with these words; what it raises, that statement raises."""
    waiting = [act]

    def run(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        if waiting and words in sql:
            waiting.pop()()
        return execute(sql, *rest)

    with database.execute_wrapper(run):
        yield
    assert not waiting, f"no statement has {words!r}"
