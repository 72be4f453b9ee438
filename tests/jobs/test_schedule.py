"""When a job is due: its times in UTC, missed ones once, failures after a pause, never thrice over."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sharedline.jobs.runs import Run
from sharedline.jobs.schedule import ATTEMPTS, PAUSE, Job, due

#: A Sunday.
NOW = datetime(2026, 11, 22, 7, 30, tzinfo=UTC)
LONG_AGO = NOW - timedelta(days=400)


@pytest.mark.parametrize(
    ("at", "last", "following"),
    [
        ("hourly", "2026-11-22 07:00", "2026-11-22 08:00"),
        ("daily 06:00", "2026-11-22 06:00", "2026-11-23 06:00"),
        ("daily 07:30", "2026-11-22 07:30", "2026-11-23 07:30"),
        ("daily 08:00", "2026-11-21 08:00", "2026-11-22 08:00"),
        ("weekly mon 08:00", "2026-11-16 08:00", "2026-11-23 08:00"),
        ("weekly sun 07:30", "2026-11-22 07:30", "2026-11-29 07:30"),
        ("weekly sun 07:31", "2026-11-15 07:31", "2026-11-22 07:31"),
    ],
)
def test_times(at: str, last: str, following: str) -> None:
    job = Job("x", "scan", at)
    assert f"{job.last(NOW):%F %H:%M}" == last
    assert f"{job.next(NOW):%F %H:%M}" == following


@given(
    st.integers(0, 3_000_000),
    st.sampled_from(["hourly", "daily 23:59", "daily 00:00", "weekly wed 12:00"]),
)
def test_now_lies_between_two_times(minutes: int, at: str) -> None:
    now, job = LONG_AGO + timedelta(minutes=minutes), Job("x", "scan", at)
    assert job.last(now) <= now < job.next(now)
    assert job.last(job.next(now)) == job.next(now)


def _run(state: str, hours: float) -> Run:
    at = NOW + timedelta(hours=hours)
    return Run(1, "x", at, None if state == "running" else at, state, "", "")


DAILY = Job("x", "scan", "daily 06:00")
#: Its last time was 1.5 hours ago.
CASES = [
    ([], True, "it never ran"),
    ([_run("done", -25)], True, "it ran for an earlier time"),
    ([_run("done", -1)], False, "it ran"),
    ([_run("running", -1)], False, "it runs"),
    ([_run("lost", -1)], True, "its process ended before it"),
    ([_run("failed", -0.1)], False, "it failed just now"),
    ([_run("failed", -1)], True, "it failed a while ago"),
    ([_run("failed", -1), _run("done", -0.5)], False, "the second try did it"),
    ([_run("lost", -1.4)] * ATTEMPTS, False, "it was tried often enough"),
]


@pytest.mark.parametrize(("runs", "told", "why"), CASES, ids=[c[2] for c in CASES])
def test_what_is_due(runs: list[Run], told: bool, why: str) -> None:
    assert due(DAILY, runs, LONG_AGO, NOW) is told


def test_one_just_seen_waits_for_its_time() -> None:
    seen = NOW - timedelta(hours=1)
    assert not due(DAILY, [], seen, NOW)
    assert due(DAILY, [], seen, NOW + timedelta(days=1))


def test_many_missed_times_are_one_run() -> None:
    month = NOW + timedelta(days=30)
    assert due(DAILY, [_run("done", -1)], LONG_AGO, month)
    again = Run(2, "x", month, month, "done", "", "")
    assert not due(DAILY, [_run("done", -1), again], LONG_AGO, month + PAUSE)
