"""Seats of who has an account: what a role gave goes with it, and no player is told the truths."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient
from tests.web.conftest import Visitor, token_in
from tests.web.rooms import SCENARIO, Opened, open_room

from sharedline.exercise.session.room import Room
from sharedline.people import accounts, tokens
from sharedline.people.model import Role
from sharedline.web.site import Site, now

#: A word that only the scenario's page for facilitators has.
TRUTH = "Expected actions"


def _join(browser: TestClient, room: Opened, name: str, seat: str = "player") -> None:
    door = f"/join/{room.run.code}"
    # The page's first form signs out.
    csrf = browser.get(door).text.rpartition('name="csrf" value="')[2].partition('"')[0]
    form = {"csrf": csrf, "name": name, "team": "Blue", "seat": seat}
    answer = browser.post(door, data=form)
    assert answer.status_code == 303, answer.text


def _enter(browser: TestClient, room: Opened, seat: str) -> int:
    csrf = token_in(browser.get("/account").text)
    where = f"/exercises/runs/{room.run.id}/enter"
    return browser.post(where, data={"csrf": csrf, "seat": seat}).status_code


def _token(site: Site, name: str) -> dict[str, str]:
    with site.database.begin() as connection:
        person = accounts.get(connection, name)
        assert person is not None
        return {"authorization": f"Bearer {tokens.make(connection, person, 't', 1, now())[1]}"}


def _role(site: Site, name: str, role: Role) -> None:
    with site.database.begin() as connection:
        person = accounts.get(connection, name)
        assert person is not None
        accounts.change(connection, person.id, role=role)


@pytest.mark.parametrize("role", ["admin", "editor", "auditor"])
def test_who_plays_sees_no_truth_before_the_end(site: Site, visit: Visitor, role: str) -> None:
    room, browser = open_room(site, visit), visit(role)
    scores, story = f"/exercises/runs/{room.run.id}", f"/exercises/{SCENARIO}"
    leads = role != "auditor"
    assert browser.get(scores).status_code == 200, "who does not play may"
    told = browser.get(story).text
    _join(browser, room, "Plays")
    refused = browser.get(scores)
    assert refused.status_code == 403
    assert "when it has ended" in refused.text
    if leads:
        assert len(browser.get(story).text) < len(told) / 2, "the scenario without its truths"
        assert browser.get(f"{scores}/enter").status_code == 403
        for seat in ("evaluator", "facilitator", "scribe"):
            assert _enter(browser, room, seat) == 403
        asked = visit().post(
            f"/api/v1{scores}/seat", json={"seat": "evaluator"}, headers=_token(site, role)
        )
        assert asked.status_code == 403
    assert visit("admin" if role != "admin" else "editor").get(scores).status_code == 200
    lead = Room(site.database, room.run.id)
    lead.do(room.ids["Fay"], "started", {}, "1")
    lead.do(room.ids["Fay"], "ended", {}, "2")
    assert browser.get(scores).status_code == 200
    assert browser.get(story).text.count(TRUTH) == told.count(TRUTH)


def test_who_leads_may_look_through_a_players_eyes(site: Site, visit: Visitor) -> None:
    """They know the truths, and keep their seat."""
    room, browser = open_room(site, visit), visit("editor")
    assert _enter(browser, room, "facilitator") == 303
    _join(browser, room, "Tries")
    assert browser.get(f"/exercises/runs/{room.run.id}").status_code == 200
    state = visit().get(
        f"/api/v1/exercises/runs/{room.run.id}/state", headers=_token(site, "editor")
    )
    assert state.json()["me"]["seat"] == "facilitator"


@pytest.mark.parametrize("seat", ["facilitator", "evaluator", "scribe"])
def test_a_seat_that_came_from_the_role_goes_with_it(site: Site, visit: Visitor, seat: str) -> None:
    room, browser = open_room(site, visit), visit("editor")
    assert _enter(browser, room, seat) == 303
    headers, state = _token(site, "editor"), f"/api/v1/exercises/runs/{room.run.id}/state"
    assert browser.get(room.path).status_code == 200
    assert visit().get(state, headers=headers).status_code == 200
    _role(site, "editor", Role.OWNER)
    answer = browser.get(room.path)
    assert (answer.status_code, answer.headers["location"]) == (303, "/join")
    assert visit().get(state, headers=headers).status_code == 404
    _role(site, "editor", Role.EDITOR)
    assert browser.get(room.path).status_code == 200


def test_a_seat_that_did_not_come_from_the_role_stays(site: Site, visit: Visitor) -> None:
    room = open_room(site, visit)
    player, rater = visit("editor"), visit("admin")
    _join(player, room, "Plays")
    rater.cookies.set("sharedline-seat", room.secrets["Eva"], path=room.path)
    _role(site, "editor", Role.OWNER)
    assert player.get(room.path).status_code == 200
    player.cookies.delete("sharedline-seat", path=room.path)
    assert player.get(room.path).status_code == 200, "by the account"
    with site.database.begin() as connection:
        accounts.add(connection, "second", role="admin")
    _role(site, "admin", Role.OWNER)
    assert "evaluator" in rater.get(room.path).text, "the facilitator gave it by a link"
