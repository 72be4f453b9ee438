"""Acts that wait for the disk: whoever comes while one is written goes with the next, together."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from sharedline.errors import Error, Unavailable

#: The most acts of one transaction.
TOGETHER = 100


@dataclass(eq=False, slots=True)
class Wish:
    """An act that was asked for; `seq` or `error` is set once its transaction has ended."""

    actor: str
    kind: str
    data: Mapping[str, Any]
    #: `data` as it is kept.
    text: str
    key: str
    seq: int = 0
    error: Error | Unavailable | None = None
    #: Set when it is answered, or when it is its turn to write for all (`leads`).
    woken: threading.Event = field(default_factory=threading.Event)
    leads: bool = False

    @property
    def answered(self) -> bool:
        """Whether it is known what came of it."""
        return bool(self.seq) or self.error is not None


class Line:
    """Where the acts of one run wait in this process.

    A transaction waits for the disk, so that thirty one after the other wait thirty times. The
    first who comes writes for all who stand in the line by then, and wakes the next who does.
    """

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._waiting: list[Wish] = []
        self._busy = False

    def through(self, wish: Wish, write: Callable[[Sequence[Wish]], None]) -> int:
        """The wish's number once it is on the disk, or its `Error` or `Unavailable`.

        `write` does wishes in one transaction, and sets what came of each after its end.
        """
        with self._guard:
            self._waiting.append(wish)
            wish.leads, self._busy = not self._busy, True
        if not wish.leads:
            wish.woken.wait()
        if wish.leads:
            self._lead(write)
        if not wish.answered:  # one of those together broke the transaction: each is told its own
            write([wish])
        if wish.error is not None:
            raise wish.error
        return wish.seq

    def _lead(self, write: Callable[[Sequence[Wish]], None]) -> None:
        with self._guard:
            together, self._waiting = self._waiting[:TOGETHER], self._waiting[TOGETHER:]
        try:
            write(together)
        except Unavailable as error:
            # Not tried again one by one: each would wait as long as all of them did. Whoever sends
            # it again is known by the key, should it have been kept all the same.
            for one in together:
                one.error = error
        except (Error, sa.exc.SQLAlchemyError, ValueError):
            # Tried again one by one: what was kept all the same is known by its key.
            if len(together) == 1:
                raise
        finally:
            with self._guard:
                self._busy = bool(self._waiting)
                woken = together + self._waiting[:1]
                if self._busy:
                    self._waiting[0].leads = True
            for one in woken:
                one.woken.set()
