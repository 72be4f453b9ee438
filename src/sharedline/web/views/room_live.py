"""Tells browsers that something changed in a room; many who ask at once cost one look."""

from __future__ import annotations

import threading
import time
from collections import Counter
from dataclasses import dataclass, field

from sharedline.exercise.session.model import RunState
from sharedline.exercise.session.room import Room
from sharedline.state.database import Database
from sharedline.web.site import Site

#: How old a look may be, in seconds.
FRESH = 0.25
#: Open streams of one seat, of it in all processes, and of the process. A browser opens six
#: connections to a host over HTTP/1.1: were tabs to hold them all, the next page would wait for ever.
EACH, TOGETHER, ALL = 2, 4, 300
#: Rooms that are kept looked at.
KEPT = 64


@dataclass
class _Looked:
    """The last look at a run."""

    at: float = 0.0
    state: RunState | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)


class Watch:
    """The rooms of a process, looked at as often as anybody asks but not more often than `FRESH`."""

    def __init__(self, database: Database, processes: int = 1) -> None:
        self.database = database
        self.each = max(1, min(EACH, TOGETHER // processes))
        self._looked: dict[str, _Looked] = {}
        self._guard = threading.Lock()
        self._streams: Counter[tuple[str, str]] = Counter()

    def fresh(self, run: str) -> RunState | None:
        """The state, where somebody looked a moment ago: costs nothing."""
        known = self._looked.get(run)
        if known and known.state and time.monotonic() - known.at < FRESH:
            return known.state
        return None

    def state(self, run: str) -> RunState:
        """What holds in a run, or held a moment ago. `Error` where there is no such run."""
        with self._guard:
            if len(self._looked) > KEPT:
                self._looked.clear()
            known = self._looked.setdefault(run, _Looked())
        with known.lock:
            if known.state is None or time.monotonic() - known.at >= FRESH:
                known.state = Room(self.database, run).state()
                known.at = time.monotonic()
            return known.state

    def open(self, run: str, seat: str) -> bool:
        """Counts a stream; False where there are enough, so that the browser asks by turns."""
        with self._guard:
            if self._streams[(run, seat)] >= self.each or self._streams.total() >= ALL:
                return False
            self._streams[(run, seat)] += 1
            return True

    def shut(self, run: str, seat: str) -> None:
        """Counts a stream that has ended."""
        with self._guard:
            self._streams[(run, seat)] -= 1
            self._streams += Counter()  # drops what is not above zero


def watch_of(site: Site) -> Watch:
    """The site's, made when it is first asked for."""
    found = site.kept.get("rooms")
    if not isinstance(found, Watch):
        found = site.kept.setdefault("rooms", Watch(site.database, site.processes))
    assert isinstance(found, Watch)
    return found
