"""Costly answers of pages: each reckoned once at a time, in a thread where it takes long, and kept."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Lock
from typing import Any, Literal

from sharedline.errors import Error
from sharedline.inventory.lake import Lake, Manifest
from sharedline.results import Results
from sharedline.web.site import Site

#: So many answers are kept; the one that was asked for longest ago goes first.
MOST = 64
_MAKING = Lock()


@dataclass(frozen=True, slots=True)
class Told:
    """An answer, or how far it is: `failed` says why, and is reckoned again when asked again."""

    state: Literal["done", "working", "failed"]
    value: Any = None
    message: str = ""
    advice: str = ""


class Shelf:
    """Answers by key. What is being reckoned is not begun a second time."""

    def __init__(self, most: int = MOST) -> None:
        self._most, self._lock = most, Lock()
        self._kept: OrderedDict[Hashable, Any] = OrderedDict()
        #: Of what is being reckoned: the lock of whoever does it, and what waits in the thread.
        self._making: dict[Hashable, Lock] = {}
        self._going: dict[Hashable, Future[Any]] = {}
        # One thread: on two cores the other belongs to whoever only reads pages.
        self._pool = ThreadPoolExecutor(1, "reckon")

    def get(self, key: Hashable, make: Callable[[], Any]) -> Any:
        """The answer, reckoned now if it is not there; others who ask for it wait for the same."""
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
            making = self._making.setdefault(key, Lock())
        with making:
            with self._lock:
                if key in self._kept:  # by whoever had the lock before
                    return self._kept[key]
            try:
                found = make()
            finally:
                with self._lock:
                    self._making.pop(key, None)
            with self._lock:
                self._kept[key] = found
                while len(self._kept) > self._most:
                    self._kept.popitem(last=False)
        return found

    def ask(self, key: Hashable, make: Callable[[], Any], wait: float = 0.4) -> Told:
        """The answer if it is there within `wait` seconds; else it goes on, to be asked for again."""
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return Told("done", self._kept[key])
            going = self._going.get(key)
            if going is None:
                going = self._going[key] = self._pool.submit(self._in_thread, key, make)
        try:
            return Told("done", going.result(wait))
        except TimeoutError:
            return Told("working")
        except Error as error:
            return Told("failed", None, error.message, error.advice)

    def _in_thread(self, key: Hashable, make: Callable[[], Any]) -> Any:
        try:
            return self.get(key, make)
        finally:
            with self._lock:
                self._going.pop(key, None)

    def close(self) -> None:
        """Ends the thread, after what it is at."""
        self._pool.shutdown(wait=True, cancel_futures=True)


def shelf(site: Site) -> Shelf:
    """The site's answers."""
    with _MAKING:
        found = site.kept.setdefault("views", None) or Shelf()
        site.kept["views"] = found
    assert isinstance(found, Shelf)
    return found


def of_scan(manifest: Manifest) -> tuple[str, str, str]:
    """What an answer about a scan is kept by: the scan, and when it was last judged."""
    data = manifest.data
    return manifest.id, str(data.get("reassessed", "")), str(data.get("intent", ""))


@contextmanager
def opened(site: Site, manifest: Manifest) -> Iterator[Results]:
    """A scan to ask of; its engine is given back at the end."""
    results = Results(Lake(site.project.lake_url), manifest, site.project)
    try:
        yield results
    finally:
        results.duck.close()
