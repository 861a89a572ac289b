"""Rows worked on in parts, on all cores."""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

__all__ = ["in_chunks"]

_CHUNK = 50_000


def in_chunks(size: int, work: Callable[[slice], None]) -> None:
    """Do a work that gives up the interpreter's lock for parts of many rows, on all cores.

    Parameters
    ----------
    size
        Number of rows.
    work
        What to do with some of them.
    """
    parts = [slice(start, min(start + _CHUNK, size)) for start in range(0, size, _CHUNK)]
    if len(parts) <= 1:
        for part in parts:
            work(part)
        return
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(work, parts))
