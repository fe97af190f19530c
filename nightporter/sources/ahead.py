"""Work on several items goes on side by side; its results come in the order of the items."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")

# The engines let go of the interpreter, and memory holds no more than two items' work and one more.
_THREADS = 2


def side_by_side(work: Callable[[T], R], items: Iterable[T]) -> Iterator[Future[R]]:
    """Yield the finished or running work on each item; items are taken a few ahead."""
    with ThreadPoolExecutor(_THREADS) as pool:
        waiting: deque[Future[R]] = deque()
        for item in items:
            waiting.append(pool.submit(work, item))
            if len(waiting) > _THREADS:
                yield waiting.popleft()
        yield from waiting
