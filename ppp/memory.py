"""Memory that is used again."""

from __future__ import annotations

import ctypes
from functools import cache

TRIM, TOP_PAD, MMAP = -1, -2, -3  # parameters of glibc's mallopt


@cache
def keep_memory() -> None:
    """Lets the C library keep what was freed, once and for the process. Where there is no glibc nothing happens.

    By default glibc gives an array's memory back to the system when it is freed, and the next array of the same size is filled with zeros
    page by page: for arrays of some hundred kilobytes, as blocks of draws have them, that takes as long as reckoning with them.
    """
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError):
        return
    mallopt(MMAP, 32 << 20)
    mallopt(TRIM, 1 << 30)
    mallopt(TOP_PAD, 16 << 20)
