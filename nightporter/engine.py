"""The DuckDBs of this process for short questions: to start one costs more than most answers.

Knows no table; what needs a file, a bound or a lock of its own connects by itself.
"""

import ctypes
import itertools
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache

import duckdb

_numbers = itertools.count(1)

# Where DuckDB guesses that few rows ask, an ASOF join compares each with each: after some joins
# it guesses wrong, and a second becomes minutes.
SORTED_ASOF = "asof_loop_join_threshold = 0"


@contextmanager
def session(*, locked: bool = False) -> Iterator[duckdb.DuckDBPyConnection]:
    """Yield a connection in UTC to an empty database in memory, which ends with it.

    Sessions see nothing of each other, in one thread or several. Settings that are not a
    connection's own may not be set: they would hold for all that come after. A `locked` one
    reads what it is given and nothing else of the machine, and can change no setting.
    """
    engine, own = _engine(os.getpid(), locked), f"session_{next(_numbers)}"
    try:
        with engine.cursor() as con:
            con.execute(f"ATTACH ':memory:' AS {own}")
            con.execute(f"USE {own}")
            yield con
    finally:  # from outside: the connection may hold a transaction that failed
        with engine.cursor() as con:
            con.execute(f"DETACH DATABASE IF EXISTS {own}")


def own_arenas() -> None:
    """Let threads allocate beside each other; to be called before many are started.

    glibc has eight arenas a core, which idle threads of libraries take up: two threads that plan
    queries then wait for each other at every node, and both are slower than one. Where memory is
    not glibc's this does nothing.
    """
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).mallopt(_ARENA_TEST, _ARENAS)


_ARENA_TEST, _ARENAS = -7, 64  # of malloc.h: so many before a limit is thought of


@cache
def _engine(process: int, locked: bool) -> duckdb.DuckDBPyConnection:
    """A child that was forked must not ask the engine of its parent."""
    del process
    # The lake's files are read once by each question: what is kept of them is only memory. What is
    # locked is small: threads cost more than they give.
    one = {"threads": 1} if locked else {}
    engine = duckdb.connect(config={"enable_external_file_cache": False, **one})
    engine.execute("SET GLOBAL timezone = 'UTC'")  # of its cursors, too
    if locked:
        engine.execute("SET enable_external_access = false")  # frames of Python, too
        engine.execute("SET lock_configuration = true")
    return engine
