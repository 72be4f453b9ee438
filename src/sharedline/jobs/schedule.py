"""When a job runs, in UTC: the times that `[jobs]` may name, and whether one is due."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sharedline.errors import ConfigError
from sharedline.jobs.runs import Run
from sharedline.project import AT, DAYS, Project

#: As often a job is tried for one of its times.
ATTEMPTS = 3
#: How long after a failure it is tried again.
PAUSE = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Job:
    """A job of the settings: its name, what it runs, when."""

    name: str
    run: str
    at: str

    def last(self, now: datetime) -> datetime:
        """The newest of its times that is not after now."""
        if self.at == "hourly":
            return now.replace(minute=0, second=0, microsecond=0)
        found = AT.fullmatch(self.at)
        assert found is not None
        time = {"hour": int(found["hour"]), "minute": int(found["minute"])}
        then = now.replace(**time, second=0, microsecond=0)  # type: ignore[arg-type]
        if found["day"]:
            then -= timedelta(days=(then.weekday() - DAYS.index(found["day"])) % 7)
        step = timedelta(days=7 if found["day"] else 1)
        return then if then <= now else then - step

    def next(self, now: datetime) -> datetime:
        """The first of its times that is after now."""
        step = {"hourly": timedelta(hours=1), "daily": timedelta(days=1)}
        return self.last(now) + step.get(self.at.split()[0], timedelta(days=7))


def jobs(project: Project) -> Mapping[str, Job]:
    """The jobs of a project by name."""
    return {name: Job(name, job["run"], job["at"]) for name, job in project.jobs.items()}


def job(project: Project, name: str) -> Job:
    """A job by name; `ConfigError` names those there are."""
    known = jobs(project)
    if name not in known:
        raise ConfigError(
            f"There is no job {name!r} (jobs: {', '.join(sorted(known)) or 'none'}).",
            "Write [jobs.NAME] in sharedline.toml.",
        )
    return known[name]


def due(one: Job, runs: Sequence[Run], known: datetime, now: datetime) -> bool:
    """Whether a job is to run: its last time has come since it is known, and it has not run.

    Times that were missed count once. One that failed is tried again after a pause, one that was
    lost at once, three times in all. `runs` are the job's own, oldest first.
    """
    time = one.last(now)
    if time < known:
        return False
    since = [r for r in runs if r.started >= time]
    if not since:
        return True
    if len(since) >= ATTEMPTS or any(r.state in ("done", "running") for r in since):
        return False
    last = since[-1]
    return last.state == "lost" or last.ended is None or now - last.ended >= PAUSE


def upcoming(one: Job, runs: Sequence[Run], known: datetime | None, now: datetime) -> datetime:
    """When a worker that runs takes the job next: now where it is due, else a time to come.

    `runs` are the job's own, oldest first; the last three are enough. `known` is since when a
    worker knows it, None where none does: then nothing of the past is made up for.
    """
    following = one.next(now)
    if known is None:
        return following
    if due(one, runs, known, now):
        return now
    last = runs[-1] if runs else None
    if last is None or last.ended is None or last.state != "failed":
        return following
    again = max(now, last.ended + PAUSE)
    return again if again < following and due(one, runs, known, again) else following
