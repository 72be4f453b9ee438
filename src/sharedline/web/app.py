"""Makes the application: every page and every part of the API is found by its path.

A module of `pages/` has a `router` and, where it belongs into the menu, a `NAV`. Routes of `api/`
lie under `/api/v1` and make the OpenAPI document.
"""

from __future__ import annotations

import contextlib
import importlib
import logging
import pkgutil
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from pathlib import Path
from types import ModuleType
from urllib.parse import quote

import anyio.to_thread
from fastapi import Depends, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.staticfiles import StaticFiles

from sharedline import __version__
from sharedline.errors import DISK, Error, Unavailable
from sharedline.people.limits import TooMany
from sharedline.people.model import Action, Person
from sharedline.text import visible
from sharedline.web.access import NOBODY, Refused, anybody, caller_of
from sharedline.web.shield import Shield
from sharedline.web.site import Site

API = "/api/v1"
_LOG = logging.getLogger("sharedline.web")
#: Requests that are worked on at once; the others wait their turn. With 40, of 20 people on two cores
#: the slowest of twenty pages took twice as long as with this many, and the median no less.
AT_ONCE = 8


@dataclass(frozen=True, slots=True)
class Nav:
    """An entry of the menu, shown to who may see the page; `order` sorts them."""

    title: str
    path: str
    action: Action
    order: int


def _modules(folder: str) -> Iterator[ModuleType]:
    package = importlib.import_module(f"sharedline.web.{folder}")
    for found in sorted(m.name for m in pkgutil.iter_modules(package.__path__)):
        module = importlib.import_module(f"{package.__name__}.{found}")
        if hasattr(module, "router"):
            yield module


@lru_cache(maxsize=1)
def _entries() -> tuple[Nav, ...]:
    found = [m.NAV for m in _modules("pages") if hasattr(m, "NAV")]
    return tuple(sorted(found, key=lambda n: n.order))


def navigation(person: Person | None) -> list[Nav]:
    """The menu of a person."""
    return [n for n in _entries() if person is not None and person.may(n.action)]


def create_app(site: Site) -> FastAPI:
    """The application over a site; whoever made the site closes it, unless it is served."""

    @contextlib.asynccontextmanager
    async def life(_app: FastAPI) -> AsyncIterator[None]:
        anyio.to_thread.current_default_thread_limiter().total_tokens = AT_ONCE
        yield
        site.close()

    app = FastAPI(
        title="Sharedline",
        version=__version__,
        description="Which side of the shared responsibility line each duty falls on, who owns it,"
        " whether it is met.",
        openapi_url="/api/openapi.json",
        docs_url=None,  # their pages load from elsewhere
        redoc_url=None,
        redirect_slashes=False,  # they would lead to whatever host a request names
        lifespan=life,
    )
    app.state.site = site
    for module in _modules("pages"):
        app.include_router(module.router, include_in_schema=False)
    for module in _modules("api"):
        app.include_router(module.router, prefix=API)
    static = Path(str(resources.files("sharedline.web"))) / "static"
    app.mount("/static", StaticFiles(directory=static), name="static")
    app.get("/health", include_in_schema=False, dependencies=[Depends(anybody)])(health)
    app.exception_handler(Refused)(_refused)
    app.exception_handler(TooMany)(_too_many)
    app.exception_handler(Error)(_error)
    app.exception_handler(Unavailable)(_unavailable)
    app.exception_handler(OSError)(_disk)
    app.exception_handler(HTTPException)(_http)
    app.exception_handler(RequestValidationError)(_invalid)
    app.add_middleware(Shield, secure=site.secure)
    return app


def health() -> dict[str, str]:
    """Whether the process answers."""
    return {"status": "ok"}


def for_program(request: Request) -> bool:
    """Whether a program asks, to be answered in JSON."""
    return request.url.path.startswith("/api/")


def _answer(request: Request, status: int, message: str, advice: str = "") -> Response:
    # What was sent is quoted, and JSON can hold halves of characters that no answer can.
    message, advice = (t.encode("utf-8", "replace").decode() for t in (message, advice))
    if for_program(request):
        return JSONResponse({"error": message, "advice": advice}, status)
    from sharedline.web.render import page

    try:
        caller_of(request)
    except (Error, Refused, Unavailable):  # the page says what is wrong, not who asks
        request.state.caller = NOBODY
    return page(request, "error.html", status=status, title=message, message=message, advice=advice)


def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, Refused)
    if error.status == 401 and not for_program(request):
        where = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        target = f"/sign-in?next={quote(where, safe='')}" if request.method == "GET" else "/sign-in"
        if request.headers.get("hx-request") == "true":
            return Response(status_code=204, headers={"hx-redirect": target})
        return RedirectResponse(target, 303)
    answer = _answer(request, error.status, error.message)
    if error.status == 401:
        answer.headers["www-authenticate"] = "Bearer"
    return answer


def _too_many(request: Request, error: Exception) -> Response:
    assert isinstance(error, TooMany)
    answer = _answer(request, 429, error.message, error.advice)
    answer.headers["retry-after"] = str(error.seconds)
    return answer


def _error(request: Request, error: Exception) -> Response:
    assert isinstance(error, Error)
    return _answer(request, getattr(error, "http_status", 400), error.message, error.advice)


def _unavailable(request: Request, error: Exception) -> Response:
    """503 with a sentence for whoever asks; what is wrong, and where, goes to the server's log."""
    assert isinstance(error, Unavailable)
    _LOG.error("%s %s", error.message, visible(error.detail))
    request.state.caller = NOBODY  # the page says so without asking it again
    advice = "Try again in a minute; whoever runs Sharedline finds more in its log."
    answer = _answer(request, 503, error.message, advice)
    answer.headers["retry-after"] = "10"
    return answer


def _disk(request: Request, error: Exception) -> Response:
    """A disk that is full, or files that are not ours to write: the log has the path, nobody else."""
    assert isinstance(error, OSError)
    if error.errno not in DISK:
        raise error
    told = Unavailable("A file of the project cannot be read or written.", detail=str(error))
    return _unavailable(request, told)


def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    known = {404: "There is no such page.", 405: "That cannot be done with this address."}
    answer = _answer(request, error.status_code, known.get(error.status_code, str(error.detail)))
    for name, value in (error.headers or {}).items():
        answer.headers[name] = value
    return answer


def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    told = []
    for one in error.errors()[:5]:
        place = ".".join(str(p) for p in one["loc"] if p not in ("body", "query", "path"))
        told.append(f"{place}: {one['msg']}")
    return _answer(request, 422, "What was sent is not right.", "; ".join(told)[:500])
