"""The first page: what each role comes for."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import RedirectResponse

from sharedline.people.model import Role
from sharedline.web.access import OwnAccount

router = APIRouter()


@router.get("/")
def home(person: OwnAccount) -> RedirectResponse:
    """Owners to what is theirs, everybody else to the summary."""
    return RedirectResponse("/mine" if person.role is Role.OWNER else "/summary", 303)
