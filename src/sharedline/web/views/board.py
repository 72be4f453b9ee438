"""What stands about jobs: the schedule, who works, what waits; and asking for one to run."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from sharedline.errors import ConfigError, Error
from sharedline.jobs import asked, memory, runs, schedule, workers
from sharedline.jobs.kinds import DOES
from sharedline.people import audit
from sharedline.people.model import Person
from sharedline.project import Project, open_project
from sharedline.web import site as sites
from sharedline.web.site import Site


@dataclass(frozen=True, slots=True)
class Row:
    """A job as it stands."""

    name: str
    run: str
    does: str
    at: str
    #: Its next time; the moment at which it was to run where that is past (`due`).
    next: datetime
    due: bool
    #: Whether the worker that runs read this schedule; None where none is known to run.
    read: bool | None
    waiting: asked.Request | None
    last: runs.Run | None


@dataclass(frozen=True)
class Board:
    """Everything about jobs but their history."""

    jobs: tuple[Row, ...]
    worker: workers.State
    presence: workers.Presence | None
    waiting: tuple[asked.Request, ...]
    #: Jobs whose time has come, which wait for the worker; None where that cannot be known.
    queued: tuple[str, ...] | None
    running: tuple[runs.Run, ...]
    #: Why the schedule, or the workers' queue, is not known.
    broken: str = ""
    unread: str = ""


def settings(site: Site) -> Project:
    """The project as its file is now; where its database and lake are stays until the next start.

    Raises:
        ConfigError: The file is not what it must be.
    """
    kept = site.project
    try:
        found = open_project(kept.folder)
    except OSError as error:
        raise ConfigError(
            f"sharedline.toml cannot be read ({error.strerror}).", "Check its permissions."
        ) from error
    return replace(found, lake=kept.lake, database=kept.database)


def board(site: Site) -> Board:
    """How everything stands now; a file that cannot be read is told, and the rest shown."""
    now, database = sites.now(), site.database
    broken, unread = "", ""
    jobs: tuple[schedule.Job, ...] = ()
    try:
        jobs = tuple(schedule.jobs(settings(site)).values())
    except Error as error:
        broken = str(error)
    kept: memory.Memory | None = None
    try:
        kept = memory.memory(site.project, database)
    except Error as error:
        unread = str(error)
    state, presence = workers.standing(workers.workers(database), now)
    waiting = asked.waiting(database)
    asked_for = {one.job: one for one in waiting}

    def row(one: schedule.Job) -> Row:
        # Three runs are enough to say whether it is due: as often it is tried.
        last = runs.runs(database, one.name, schedule.ATTEMPTS)
        known = kept.known(one) if kept else None
        due = known is not None and schedule.due(one, last, known, now)
        read = memory.seen_key(one) in presence.jobs if presence and state == "running" else None
        return Row(
            one.name, one.run, DOES[one.run], one.at,
            one.last(now) if due else schedule.upcoming(one, last, known, now), due, read,
            asked_for.get(one.name), last[-1] if last else None,
        )  # fmt: skip

    return Board(
        tuple(row(one) for one in jobs), state, presence, tuple(waiting),
        kept.queued if kept else None, runs.page(database, state="running").runs, broken, unread,
    )  # fmt: skip


def ask(site: Site, person: Person, address: str, name: str) -> asked.Request | None:
    """Puts a job in the queue and writes who did; None where there is no such job.

    Raises:
        WaitsError: It waits already.
        ConfigError: The settings cannot be read.
    """
    if name not in schedule.jobs(settings(site)):
        return None
    now = sites.now()
    with site.database.begin() as connection:
        asked.ask(connection, name, person.name, now)
        audit.write(connection, person.name, person.role, "job.ask", name, None, address)
    return asked.Request(name, person.name, now)


def withdraw(site: Site, person: Person, address: str, name: str) -> bool:
    """Takes a job out of the queue and writes who did; False where it does not wait."""
    if not name.isprintable():  # no database is asked what it could not hold
        return False
    with site.database.begin() as connection:
        found = asked.withdraw(connection, name)
        if found:
            audit.write(connection, person.name, person.role, "job.withdraw", name, None, address)
    return found


def working(site: Site) -> workers.State:
    """Whether a worker runs."""
    return workers.standing(workers.workers(site.database), sites.now())[0]


def told(state: workers.State, name: str) -> str:
    """What becomes of a job that was put in the queue, in a sentence."""
    then = {
        "running": "The worker looks for it once a minute, and runs it after what runs now.",
        "unknown": "Whether a worker runs is not known; if none does, it waits until one is started.",
        "none": "No worker is running: it waits until one is started.",
    }
    return f"{name} is in the queue. {then[state]}"
