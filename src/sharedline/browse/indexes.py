"""The indexes that a long-running process holds open: it sees a newer scan, and swaps to it."""

from __future__ import annotations

import contextlib
import threading
import time
from collections import OrderedDict
from collections.abc import Iterator
from typing import Any

from sharedline.browse.index import KEEP, Index, before_of, key_of, open_index
from sharedline.errors import Error, Unavailable
from sharedline.inventory.lake import Lake, Manifest
from sharedline.project import Project

#: Seconds between two looks at the lake's listing of scans.
LOOK = 2.0


class _Held:
    def __init__(self, index: Index) -> None:
        self.index, self.users, self.over = index, 0, False


class Indexes:
    """Gives the index of a scan to many threads; closes those that nobody needs any more."""

    def __init__(self, project: Project, *, look: float | None = None) -> None:
        self.project, self.look = project, LOOK if look is None else look
        self._lake = Lake(project.lake_url)
        self._lock, self._making = threading.RLock(), threading.Lock()
        self._held: OrderedDict[str, _Held] = OrderedDict()
        self._scans: list[Manifest] = []
        self._listing: Any = None
        self._looked = float("-inf")
        self._newest = ""
        self._maker: threading.Thread | None = None
        #: Why the newest scan cannot be shown, where it cannot and an earlier one is.
        self.trouble: Error | Unavailable | None = None

    @contextlib.contextmanager
    def use(self, scan: str = "", *, wait: bool = False) -> Iterator[Index]:
        """The index of a scan, or of the newest, for as long as the block runs.

        Where a newer scan's index has to be made first, the one before is given meanwhile; `wait`
        waits for it. Raises `Error` where there is no such scan.
        """
        held = self._get(scan, wait=wait)
        try:
            yield held.index
        finally:
            with self._lock:
                held.users -= 1
                if held.over and not held.users:
                    held.index.close()

    def scans(self) -> list[Manifest]:
        """The committed scans, oldest first; read again when one was added or judged again."""
        with self._lock:
            if time.monotonic() - self._looked >= self.look:
                found = self._lake.fs.glob(
                    self._lake.path("scans", "*", "manifest.json"), detail=True
                )
                listing = sorted(
                    (path, str(e.get("mtime") or e.get("LastModified") or e.get("ETag")), e["size"])
                    for path, e in found.items()
                )
                if listing != self._listing:
                    self._scans, self._listing = self._lake.scans(), listing
                self._looked = time.monotonic()
            return self._scans

    def close(self) -> None:
        """Closes all; who makes an index is waited for."""
        if self._maker is not None:
            self._maker.join()
        with self._lock:
            while self._held:
                self._drop(next(iter(self._held)))

    def _drop(self, key: str) -> None:
        held = self._held.pop(key)
        held.over = True
        if not held.users:
            held.index.close()

    def _get(self, scan: str, *, wait: bool) -> _Held:
        scans = self.scans()
        chosen = [m for m in scans if m.id.startswith(scan)]
        if not chosen:
            named = f" {scan[:80]!r}" if scan else ""
            raise Error(f"There is no finished scan{named}.", "Run `sharedline scan` first.")
        manifest = chosen[-1]
        key = key_of(self.project, manifest, before_of(scans, manifest))
        held = self._borrow(key)
        if held is None and not scan and not wait:
            with self._lock:
                held = self._borrow(self._newest)
                if held is not None:
                    self._start(scans, manifest, key)
        if held is None:
            with self._making:
                held = self._borrow(key) or self._open(scans, manifest, key, borrowed=True)
        if not scan and held.index.key == key:
            with self._lock:
                self._newest, self.trouble = key, None
        return held

    def _borrow(self, key: str) -> _Held | None:
        with self._lock:
            held = self._held.get(key)
            if held is not None and not held.index.path.is_dir():
                self._drop(key)  # it was damaged, and is made again
                held = None
            if held is not None:
                self._held.move_to_end(key)
                held.users += 1
            return held

    def _open(
        self, scans: list[Manifest], manifest: Manifest, key: str, *, borrowed: bool
    ) -> _Held:
        held = _Held(open_index(self.project, manifest.id, scans))
        with self._lock:
            held.users = int(borrowed)
            self._held[key] = held
            while len(self._held) > KEEP:
                self._drop(next(iter(self._held)))
        return held

    def _start(self, scans: list[Manifest], manifest: Manifest, key: str) -> None:
        """Makes the newest scan's index beside the questions; once at a time."""
        if self._maker is not None and self._maker.is_alive():
            return

        def make() -> None:
            try:
                with self._making:
                    if key not in self._held:
                        self._open(scans, manifest, key, borrowed=False)
            except (Error, Unavailable) as error:
                self.trouble = error

        self._maker = threading.Thread(target=make, name="index", daemon=True)
        self._maker.start()
