"""Exercises for programs: scenarios, runs, what a seat sees, what it does, and the report."""

from __future__ import annotations

import json
from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, Request
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from sharedline.errors import ConfigError, Error
from sharedline.exercise import library
from sharedline.exercise import store as exercises
from sharedline.exercise.find import find
from sharedline.exercise.session import store
from sharedline.exercise.session.model import Participant, Seat, Settings
from sharedline.exercise.session.room import Room
from sharedline.exercise.session.view import view
from sharedline.people.model import Person
from sharedline.text import iso
from sharedline.web.access import Facilitate, SeeAll, TakePart
from sharedline.web.api.models import TOKEN, problems
from sharedline.web.pages.runs import run_of
from sharedline.web.seats import by_account, must_not_play
from sharedline.web.site import Site, site_of
from sharedline.web.views import runs as shown

router = APIRouter(
    prefix="/exercises",
    tags=["exercises"],
    dependencies=[Depends(TOKEN)],
    responses=problems(404, 409, 413),
)


class Opening(BaseModel):
    """A run to be opened: a scenario by id, and settings as `sharedline exercise run` takes them."""

    scenario: str = Field(max_length=80, examples=["public-bucket"])
    settings: dict[str, Any] = Field(default_factory=dict)


class Sitting(BaseModel):
    """The seat that the token's person takes."""

    seat: Seat = "facilitator"


class Act(BaseModel):
    """Something that a seat does; the same key again does nothing more."""

    kind: str = Field(max_length=40, examples=["released"])
    key: str = Field(min_length=1, max_length=60)
    data: dict[str, Any] = Field(default_factory=dict)


@router.get("")
def scenarios(request: Request, _person: Facilitate) -> dict[str, Any]:
    """The exercises of the project, and the scenarios of the library."""
    site = site_of(request)
    return {"project": list(exercises.ids(site.project)), "library": library.ids()}


@router.get("/runs")
def runs(request: Request, _person: SeeAll) -> dict[str, Any]:
    """Every run, the newest first."""
    found = store.runs(site_of(request).database)
    return {
        "runs": [
            {**_run(one.run), "participants": one.participants, "answers": one.answers}
            for one in found
        ]
    }


def _run(run: store.Run) -> dict[str, Any]:
    return {
        "id": run.id, "scenario": run.scenario_id, "title": run.title, "status": run.status,
        "created_by": run.created_by, "created": iso(run.created),
    }  # fmt: skip


@router.post("/runs", status_code=201)
def open_run(request: Request, person: Facilitate, given: Opening) -> dict[str, Any]:
    """Opens a run, whoever asks as its facilitator; `code` lets others join."""
    site = site_of(request)
    try:
        scenario = store.played(find(site.project, given.scenario))
    except ConfigError as error:
        raise HTTPException(404) from error
    run = shown.open_run(site, request, person, scenario, _settings(given.settings))
    return {**_run(run), "code": run.code}


def _settings(given: dict[str, Any]) -> Settings:
    weights, teams = given.get("weights", {}), given.get("teams", [])
    if not isinstance(weights, dict) or not isinstance(teams, list):
        raise Error("The settings are ill-shaped.", "weights: a mapping, teams: a list.")
    if not all(isinstance(given.get(k, ""), str | float | int) for k in ("pace", "speed")):
        raise Error("The settings are ill-shaped.", "pace: a word, speed: a number.")
    return store.settings_of(given)


@router.post("/runs/{run}/seat")
def sit(request: Request, run: str, person: Facilitate, given: Sitting) -> dict[str, Any]:
    """Takes a seat in a run that somebody else opened."""
    site = site_of(request)
    if given.seat == "player":
        raise Error("Players join by the code.", "Open /join.")
    found = run_of(site, run)
    must_not_play(site, person, found.id)
    return _person(shown.sit(site, found, person, given.seat))


def _person(who: Participant) -> dict[str, Any]:
    return {"id": who.id, "name": who.name, "seat": who.seat, "team": who.team}


def _seat(site: Site, run: str, person: Person) -> tuple[Room, Participant]:
    """The room and the seat of a person; 404 where they have none, as if there were no run."""
    found = run_of(site, run)
    me = by_account(site, found.id, person)
    if me is None:
        raise HTTPException(404)
    return Room(site.database, found.id), me


@router.get("/runs/{run}/state")
def state(request: Request, run: str, person: TakePart) -> dict[str, Any]:
    """What the seat of the token's person may see; of a player no truth before the end."""
    room, me = _seat(site_of(request), run, person)
    return view(room.state(), me)


@router.post("/runs/{run}/acts")
def act(
    request: Request, run: str, person: TakePart, given: Annotated[Act, Body()]
) -> dict[str, int]:
    """Does something, once for each key; gives its number in the run."""
    room, me = _seat(site_of(request), run, person)
    return {"seq": room.do(me.id, given.kind, given.data, f"{me.id}.{given.key}")}


@router.get("/runs/{run}/report")
def report(request: Request, run: str, _person: SeeAll) -> dict[str, Any]:
    """The after-action report of a run that has ended; 400 before."""
    site = site_of(request)
    found = shown.ended(site, run_of(site, run).id)
    body, _ = shown.written(site, found, "json")
    data: dict[str, Any] = json.loads(body)
    return data
