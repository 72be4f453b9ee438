"""The matrix: services by duties, and everything about one cell."""

from __future__ import annotations

import re
from typing import Any

from fastapi import APIRouter, Request
from markupsafe import Markup
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse

from sharedline.browse import matrix as browse
from sharedline.browse.fields import FIXED
from sharedline.browse.filters import LAST
from sharedline.errors import Error
from sharedline.people.model import Action
from sharedline.report.heat import Board
from sharedline.web.access import See, query_of
from sharedline.web.app import Nav
from sharedline.web.render import engine, page
from sharedline.web.views.looking import Look, look

router = APIRouter()
NAV = Nav("Matrix", "/matrix", Action.SEE, 30)


def _asked(request: Request, *known: str) -> dict[str, Any]:
    """The query, refused where it asks for what is not there."""
    args = query_of(request)
    for key in args:
        if key not in known:
            there = ", ".join(known)
            raise Error(f"There is no filter {key[:80]!r} here.", f"There are: {there}.")
    return args


@router.get("/matrix", response_class=HTMLResponse)
def matrix(request: Request, person: See) -> HTMLResponse:
    """The whole of it."""
    scan = _asked(request, "scan").get("scan", "")
    with look(request, person, scan) as seen:
        board = browse.board(seen.index, seen.scope)
        key = ("matrix-table", seen.scope, scan)
        table = seen.index.kept(key, lambda: _table(board, scan), weight=5_000)
        as_of = seen.as_of
    return page(
        request,
        "matrix/board.html",
        title="Matrix",
        table=table,
        services=len(board.rows),
        cells=sum(v is not None for row in board.rows for v in row.cells),
        as_of=as_of,
    )


def _table(board: Board, scan: str) -> Markup:
    """The table, 3,000 links for a large estate: drawn once for each scope."""
    drawn = engine().get_template("matrix/table.html")
    suffix = f"?scan={scan}" if scan else ""
    return Markup(drawn.render(board=board, suffix=suffix))  # noqa: S704 the template escapes


def number(args: dict[str, Any]) -> int:
    """The page asked for; `Error` where it is no number from 1."""
    text = args.get("page") or "1"
    if not re.fullmatch(r"[1-9][0-9]{0,8}", text) or int(text) > LAST:
        raise Error("There is no such page of the list.", "Pages are numbered from 1.")
    return int(text)


@router.get("/matrix/{service}/{duty}", response_class=HTMLResponse)
def cell(request: Request, person: See, service: str, duty: str) -> HTMLResponse:
    """Both sides' words, resources by side, checks, statements, evidence, owners."""
    args = _asked(request, "scan", "side", "page")
    side = args.get("side", "")
    if side and side not in FIXED["side"]:
        raise Error(f"side cannot be {side[:80]!r}.", f"It can be: {', '.join(FIXED['side'])}.")
    with look(request, person, args.get("scan", "")) as seen:
        found = cell_or_404(seen, service, duty, number(args), side)
        call = contacts(seen, found)
        as_of = seen.as_of
    return page(
        request,
        "matrix/cell.html",
        title=f"{found.view.cell['service_name']}: {found.view.duty.title}",
        found=found,
        view=found.view,
        cell=found.view.cell,
        duty=found.view.duty,
        call=call,
        side=side,
        number=number(args),
        as_of=as_of,
    )


def cell_or_404(seen: Look, service: str, duty: str, at: int = 1, side: str = "") -> Any:
    """A cell of the matrix, where the person sees one."""
    there = any(
        row.service == service and any(v is not None and v.duty.id == duty for v in row.cells)
        for row in browse.board(seen.index, seen.scope).rows
    )
    if not there:
        raise HTTPException(404)
    return browse.cell(seen.index, service, duty, seen.scope, at, side=side)


def contacts(seen: Look, found: Any) -> dict[str, str]:
    """Whom to call, by owner."""
    from sharedline.web.views.finding import contact

    return {o: contact(seen, o) for o in found.view.cell["owners"]}
