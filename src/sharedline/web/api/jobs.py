"""Jobs for programs: what runs when, how it ended, and asking for one to run now."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request
from pydantic import Field
from starlette.exceptions import HTTPException

from sharedline.errors import ConfigError
from sharedline.jobs import asked, runs, workers
from sharedline.web.access import RunJobs, SeeAll, address_of
from sharedline.web.api.models import TOKEN, Model, problems
from sharedline.web.site import site_of
from sharedline.web.views import board as boards

router = APIRouter(prefix="/jobs", tags=["jobs"], dependencies=[Depends(TOKEN)])
#: Rows of a page of runs.
SIZE = 100
_Job = Annotated[str, Query(max_length=80, pattern=r"^[^\x00]*$")]
_Page = Annotated[int, Query(ge=1, le=1_000_000)]


class Run(Model):
    """One run of a job; `by` is who asked for it, or `schedule`."""

    id: int
    job: str
    started: datetime
    ended: datetime | None
    state: Literal["running", "done", "failed", "lost"]
    detail: str = Field(description="What was done, or why it was not, in a sentence.")
    by: str


class Waiting(Model):
    """A job that somebody asked for and no worker took yet."""

    job: str
    by: str
    at: datetime


class Job(Model):
    """A job of the settings."""

    name: str
    run: str = Field(description="What it runs: scan, digest, expiring, exercises or tickets.")
    does: str
    at: str = Field(description="When, in UTC: `hourly`, `daily 06:00`, `weekly mon 08:00`.")
    next: datetime = Field(description="Its next time; one that is past where it is due.")
    due: bool
    read: bool | None = Field(description="Whether the worker read this schedule; null: not known.")
    waiting: Waiting | None
    last: Run | None


class Worker(Model):
    """Who runs the jobs; `unknown`: one was there and has not been heard of for minutes."""

    state: workers.State
    host: str = ""
    started: datetime | None = None
    seen: datetime | None = None


class Jobs(Model):
    """The schedule, the worker, what waits for it."""

    jobs: list[Job]
    worker: Worker
    waiting: list[Waiting] = Field(description="What people asked for, the next first.")
    queued: list[str] | None = Field(description="Jobs whose time has come; null: not known.")


class Runs(Model):
    """One page of runs, the newest first."""

    total: int
    page: int
    pages: int
    runs: list[Run]


class Asked(Waiting):
    """A job as it was put in the queue, and whether a worker is there to take it."""

    worker: workers.State
    said: str


def _worker(board: boards.Board) -> dict[str, Any]:
    one = board.presence
    found: dict[str, Any] = {"state": board.worker}
    return {**found, "host": one.host, "started": one.started, "seen": one.seen} if one else found


def _waiting(one: asked.Request | None) -> dict[str, Any] | None:
    return {"job": one.job, "by": one.by, "at": one.at} if one else None


def _run(one: runs.Run | None) -> dict[str, Any] | None:
    keys = ("id", "job", "started", "ended", "state", "detail", "by")
    return {key: getattr(one, key) for key in keys} if one else None


@router.get("", response_model=Jobs, responses=problems(), summary="The jobs and the worker")
def jobs(request: Request, _person: SeeAll) -> object:
    """When each is next, how its last run ended, whether anybody runs them."""
    found = boards.board(site_of(request))
    if found.broken:
        raise ConfigError(found.broken)
    keys = ("name", "run", "does", "at", "next", "due", "read")
    return {
        "jobs": [
            {
                **{key: getattr(row, key) for key in keys},
                "waiting": _waiting(row.waiting),
                "last": _run(row.last),
            }
            for row in found.jobs
        ],
        "worker": _worker(found),
        "waiting": [_waiting(one) for one in found.waiting],
        "queued": found.queued,
    }


@router.get("/runs", response_model=Runs, responses=problems(), summary="The runs")
def history(
    request: Request,
    _person: SeeAll,
    job: _Job = "",
    state: Literal["", "running", "done", "failed", "lost"] = "",
    page: _Page = 1,
) -> object:
    """Of every job, also of those that are no longer in the settings; the newest first."""
    found = runs.page(site_of(request).database, job, state, page, SIZE)
    rows = [_run(one) for one in found.runs]
    return {"total": found.total, "page": found.number, "pages": found.pages, "runs": rows}


@router.post(
    "/{name}/run", status_code=202, response_model=Asked, responses=problems(404, 409),
    summary="Run a job now",
)  # fmt: skip
def run(request: Request, person: RunJobs, name: str) -> object:
    """Puts it in the queue; a worker (`sharedline jobs work`) takes it within a minute.

    409 where it waits there already.
    """
    site = site_of(request)
    found = boards.ask(site, person, address_of(request), name)
    if found is None:
        raise HTTPException(404)
    state = boards.working(site)
    return {**(_waiting(found) or {}), "worker": state, "said": boards.told(state, name)}


@router.delete(
    "/{name}/run", status_code=204, responses=problems(404), summary="Take a job out of the queue"
)
def withdraw(request: Request, person: RunJobs, name: str) -> None:
    """404 where it does not wait (any more)."""
    if not boards.withdraw(site_of(request), person, address_of(request), name):
        raise HTTPException(404)
