"""The last 90 days from LookupEvents, for accounts without log files at hand.

AWS answers two such requests a second per account and Region, 50 events each, so that a window of
one day is the unit: a window that was read to its end is not asked for again.
Ref: https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html
(read 2026-11-21).
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sharedline.inventory.lake import Lake
from sharedline.trail import journal
from sharedline.trail.ingest import Batch, Outcome, Reader, Run
from sharedline.trail.journal import Known
from sharedline.trail.sources import Aws, Source, reason

DAYS, PAGE, RATE = 90, 50, 2.0
#: Events take up to a quarter of an hour to appear, at times longer: a window is final after that.
_SETTLED = timedelta(hours=2)
_THROTTLED = frozenset({"ThrottlingException", "Throttling", "TooManyRequestsException"})
_THREADS = 8
_TRIES = 8
#: Seconds between commits, so that an interrupted pull loses little.
_COMMIT_EVERY = 30.0


@dataclass(frozen=True)
class Window:
    """A span of one Region's events."""

    region: str
    start: datetime
    end: datetime

    def source(self, account: str) -> Source:
        """What the journal remembers of it."""
        path = f"lookup://{account}/{self.region}/{self.start:%Y-%m-%dT%H:%M:%SZ}"
        return Source(path, int((self.end - self.start).total_seconds()), "window")


def windows(region: str, since: datetime, until: datetime) -> Iterator[Window]:
    """The UTC days of a span, newest first."""
    end = until
    while end > since:
        midnight = (end - timedelta(microseconds=1)).replace(
            hour=0, minute=0, second=0, microsecond=0
        )
        start = max(since, midnight)
        yield Window(region, start, end)
        end = start


class Pace:
    """No more than `RATE` requests a second, counted for one Region."""

    def __init__(
        self,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._clock, self.sleep = clock, sleep
        self._next = 0.0

    def wait(self) -> None:
        """Waits until the next request may be made."""
        now = self._clock()
        if now < self._next:
            self.sleep(self._next - now)
        self._next = max(now, self._next) + 1 / RATE


class _StopError(Exception):
    """The pull is being stopped."""


def pages(
    client: Any, window: Window, pace: Pace, stop: Callable[[], bool] = lambda: False
) -> Iterator[bytes]:
    """The events of a window, page by page, a line each; errors propagate."""
    import botocore.exceptions

    asked: dict[str, Any] = {
        "StartTime": window.start,
        # Both ends are included; a window ends before the next begins.
        "EndTime": window.end - timedelta(seconds=1),
        "MaxResults": PAGE,
    }
    failed = 0
    while True:
        pace.wait()
        if stop():
            raise _StopError
        try:
            answer = client.lookup_events(**asked)
        except botocore.exceptions.ClientError as error:
            failed += 1
            if reason(error) not in _THROTTLED or failed >= _TRIES:
                raise
            pace.sleep(min(2.0**failed, 30))
            continue
        failed = 0
        texts = (e.get("CloudTrailEvent") for e in answer.get("Events", ()))
        found = [text.replace("\n", " ") for text in texts if text]
        if found:
            yield ("\n".join(found) + "\n").encode()
        if not answer.get("NextToken"):
            return
        asked["NextToken"] = answer["NextToken"]


class Pull:
    """One pull over several Regions into one run."""

    def __init__(self, lake: Lake, run: Run, account: str, now: datetime) -> None:
        self._lake, self._run, self._account, self._now = lake, run, account, now
        self._lock = threading.Lock()
        self._committed = time.monotonic()
        self.stopped = False

    def region(self, name: str, client: Any, wanted: Sequence[Window], pace: Pace) -> None:
        """Reads a Region's windows; one that fails ends the Region and is listed."""
        import botocore.exceptions

        prefix = f"{self._run.id}-{name}-"
        reader = Reader(self._lake, prefix, Aws(), lambda batch: self._take(name, batch))
        for window in wanted:
            source = window.source(self._account)
            if window.end > self._now - _SETTLED:
                source = replace(source, tag=f"asked {self._now:%Y-%m-%dT%H:%M:%SZ}")
            try:
                reader.feed(source, pages(client, window, pace, lambda: self.stopped))
            except _StopError:
                return
            except (
                botocore.exceptions.ClientError,
                botocore.exceptions.BotoCoreError,
            ) as error:
                told = f"LookupEvents failed ({reason(error)}); older days were not asked"
                with self._lock:
                    self._run.outcome.unread.append((source.path, told))
                return
            reader.flush()

    def _take(self, name: str, batch: Batch) -> None:
        with self._lock:
            self._run.take(name, batch)
            if time.monotonic() - self._committed > _COMMIT_EVERY:
                self._run.commit()
                self._committed = time.monotonic()


def lookup(
    lake: Lake,
    regions: Sequence[str],
    *,
    account: str,
    client: Callable[[str], Any],
    since: datetime | None = None,
    until: datetime | None = None,
    pace: Callable[[], Pace] = Pace,
    progress: Callable[[Outcome], None] = lambda _: None,
) -> Outcome:
    """Pulls what is not in the lake yet; a Region that refuses is listed, the others go on."""
    now = datetime.now(UTC).replace(microsecond=0)
    until = min(until or now, now)
    since = max(since or now - timedelta(days=DAYS), now - timedelta(days=DAYS))
    # Whole days, so that the same windows are met again the next time.
    since = since.replace(hour=0, minute=0, second=0, microsecond=0)
    run = Run(lake, progress)
    with journal.running(lake, run.id):
        known = Known(lake)
        pull = Pull(lake, run, account, now)
        with ThreadPoolExecutor(_THREADS) as pool:
            try:
                jobs = []
                for name in regions:
                    spans = list(windows(name, since, until))
                    new = [w for w in spans if w.source(account) not in known]
                    run.outcome.skipped.known += len(spans) - len(new)
                    jobs.append(pool.submit(pull.region, name, client(name), new, pace()))
                for job in jobs:
                    job.result()
            except BaseException:
                pull.stopped = True
                raise
        run.close()
    return run.outcome
