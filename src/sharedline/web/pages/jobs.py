"""Jobs: what runs when and how it ended, what is told to whom; whoever may asks for one to run now."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, RedirectResponse, Response

from sharedline.errors import Error
from sharedline.jobs import runs
from sharedline.jobs.asked import WaitsError
from sharedline.notices import told as register
from sharedline.people.model import Action, Person
from sharedline.project import Project
from sharedline.web.access import RunJobs, SeeAll, address_of, query_of
from sharedline.web.app import Nav
from sharedline.web.render import page, query
from sharedline.web.site import site_of
from sharedline.web.views import board as boards
from sharedline.web.views import linked, telling
from sharedline.web.views.shelf import Told

router = APIRouter()
NAV = Nav("Jobs", "/jobs", Action.SEE_ALL, 95)
#: The views, by the end of their addresses.
VIEWS = {"": "Jobs", "/notices": "Notices", "/integrations": "Integrations"}
#: Rows of a page, of runs and of what was told.
SIZE = 50
Number = Annotated[int, Query(alias="page", ge=1, le=1_000_000)]


@router.get("/jobs", response_class=HTMLResponse)
def jobs(request: Request, person: SeeAll, number: Number = 1) -> HTMLResponse:
    """The schedule, the worker, the queue, the last runs."""
    return _board(request, person, number)


def _board(
    request: Request, person: Person, number: int = 1, *, told: str = "", status: int = 200
) -> HTMLResponse:
    site, args = site_of(request), query_of(request)
    found = boards.board(site)
    # What was asked for is looked up: an address that anybody can write says nothing by itself.
    name = args.get("asked", "")
    waits = next((one.job for one in found.waiting if one.job == name), "")
    return page(
        request,
        "jobs/board.html",
        status=status,
        title="Jobs",
        views=VIEWS,
        view="",
        board=found,
        told=told,
        done=boards.told(found.worker, waits) if waits else "",
        history=_history(request, args, number),
        args={k: v for k, v in args.items() if k in ("job", "state")},
        may_run=person.may(Action.RUN_JOBS),
    )


def _history(request: Request, args: dict[str, Any], number: int) -> runs.Page:
    job, state = str(args.get("job", ""))[:80], str(args.get("state", ""))
    if not job.isprintable():
        raise Error("There is no such job.", "Choose one of the list.")
    state = state if state in runs.STATES else ""
    return runs.page(site_of(request).database, job, state, number, SIZE)


@router.post("/jobs/{name}/run")
def run(request: Request, person: RunJobs, name: str) -> Response:
    """Puts a job in the queue of the workers; nothing runs in this process."""
    try:
        asked = boards.ask(site_of(request), person, address_of(request), name)
    except WaitsError as error:
        return _board(request, person, told=str(error), status=error.http_status)
    except Error as error:
        return _board(request, person, told=str(error), status=400)
    if asked is None:
        raise HTTPException(404)
    return RedirectResponse(f"/jobs{query({'asked': name})}", 303)


@router.post("/jobs/{name}/withdraw")
def withdraw(request: Request, person: RunJobs, name: str) -> Response:
    """Takes a job out of the queue."""
    if not boards.withdraw(site_of(request), person, address_of(request), name):
        said = "It waits no more: a worker took it, or somebody took it back."
        return _board(request, person, told=said, status=409)
    return RedirectResponse("/jobs", 303)


@router.get("/jobs/notices", response_class=HTMLResponse)
def notices(
    request: Request,
    person: SeeAll,  # noqa: ARG001 only they may
    kind: str = "digest",
    number: Number = 1,
) -> HTMLResponse:
    """What would be told now, and what was."""
    if kind not in telling.KINDS:
        raise HTTPException(404)
    site = site_of(request)
    project: Project | None = None
    try:
        project = boards.settings(site)
        found = telling.made(site, project, kind)
    except Error as error:
        found = Told("failed", None, error.message, error.advice)
    sent, at, total = register.told(site.database, number, SIZE)
    would = list[telling.Would]()
    if project and found.state == "done":
        would = telling.would(site.database, project, found.value.notices)
    return page(
        request,
        "jobs/notices.html",
        title="Notices",
        views=VIEWS,
        view="/notices",
        kinds=telling.KINDS,
        kind=kind,
        made=found,
        would=would,
        sent=sent,
        total=total,
        number=at,
        pages=max(1, -(-total // SIZE)),
        names=register.names(linked.recipients(project)) if project else {},
    )


@router.get("/jobs/integrations", response_class=HTMLResponse)
def integrations(
    request: Request,
    person: SeeAll,  # noqa: ARG001 only they may
) -> HTMLResponse:
    """The systems that are written to."""
    broken, found = "", list[linked.Integration]()
    try:
        found = linked.integrations(boards.settings(site_of(request)))
    except Error as error:
        broken = str(error)
    return page(
        request, "jobs/integrations.html", title="Integrations", views=VIEWS,
        view="/integrations", found=found, broken=broken,
    )  # fmt: skip
