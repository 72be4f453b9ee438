"""The pages of ways to administrator rights: content, steps, scope, what is not there."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.web.conftest import ACCOUNT, Visitor
from tests.web.reading import (
    FAR,
    HOSTILE,
    OTHER,
    ROLE,
    add_ways,
    give_account,
    harmless,
    hop,
    way,
)

from sharedline.people.model import Scope
from sharedline.web.site import Site
from sharedline.web.views import ways
from sharedline.web.views.hiding import OUTSIDE

MINE = f"arn:aws:iam::{ACCOUNT}:user/{HOSTILE}"
NEAR_FAR = f"arn:aws:iam::{OTHER}:role/bridge"


@pytest.fixture
def ready(folder: Path) -> Path:
    add_ways(
        folder,
        [
            way(MINE, [hop(MINE, ROLE)]),
            way(FAR, [hop(FAR, NEAR_FAR, rule="sts/assume-role"), hop(NEAR_FAR, ROLE)]),
            way(f"{FAR}-only", [hop(f"{FAR}-only", FAR)], "depends"),
            way(f"{FAR}-no", [], "unknown"),
            way(f"{FAR}-safe", [], "no"),
        ],
    )
    return folder


def test_the_list_is_worst_first_and_its_numbers_open_to_their_rows(
    ready: Path, visit: Visitor
) -> None:
    client = visit("auditor")
    page = client.get("/paths").text
    harmless(page)
    assert "5 principals were looked at" in page.replace("\u202f", " ")
    assert page.index(ways.ident(MINE)) < page.index(ways.ident(f"{FAR}-only"))
    assert page.index(ways.ident(f"{FAR}-only")) < page.index(ways.ident(f"{FAR}-no"))
    assert "/paths?answer=depends" in page
    some = client.get("/paths", params={"answer": "depends"}).text
    assert ways.ident(f"{FAR}-only") in some
    assert ways.ident(MINE) not in some
    by_rule = client.get("/paths", params={"via": "sts/assume-role, iam/create-access-key"}).text
    assert ways.ident(FAR) in by_rule
    assert ways.ident(MINE) not in by_rule
    assert client.get("/paths", params={"answer": "perhaps"}).status_code == 400
    assert client.get("/paths", params={"page": "-1"}).status_code == 400


def test_a_way_opens_to_its_steps_with_what_allows_them(ready: Path, visit: Visitor) -> None:
    page = visit("auditor").get(f"/paths/{ways.ident(FAR)}").text
    harmless(page)
    assert page.count("<h3>Make a key</h3>") == 2
    assert "iam:CreateAccessKey" in page
    assert "policy &lt;script&gt;" in page
    assert "Let users manage their own keys." in page
    assert '<svg class="way-yes"' in page
    assert 'role="img"' in page
    assert "/gaps?check=iam/escalation_to_administrator_absent" in page
    assert f"/resource?arn=arn%3Aaws%3Aiam%3A%3A{OTHER}%3Auser/far-away" in page
    unknown = visit("auditor").get(f"/paths/{ways.ident(f'{FAR}-no')}").text
    assert "its policies could not be read" in unknown


def test_an_owner_sees_what_begins_or_ends_in_their_accounts(
    ready: Path, visit: Visitor, site: Site
) -> None:
    give_account(site.database)
    client = visit("owner")
    page = client.get("/paths").text
    assert ways.ident(MINE) in page
    assert ways.ident(FAR) in page
    assert ways.ident(f"{FAR}-only") not in page
    assert OTHER not in page
    assert "far-away" not in page
    opened = client.get(f"/paths/{ways.ident(FAR)}").text
    assert OTHER not in opened
    assert "far-away" not in opened
    assert "bridge" not in opened
    assert OUTSIDE in opened
    assert "What allows it lies outside your accounts." in opened
    assert client.get(f"/paths/{ways.ident(f'{FAR}-only')}").status_code == 404


def test_an_owner_without_accounts_sees_none(ready: Path, visit: Visitor) -> None:
    page = visit("owner").get("/paths").text
    assert "No path is known that begins or ends in your accounts." in page
    assert visit("owner").get(f"/paths/{ways.ident(MINE)}").status_code == 404


def test_what_is_not_there(visit: Visitor) -> None:
    client = visit("auditor")
    assert "did not look for paths" in client.get("/paths").text
    assert client.get("/paths/0123456789abcdef").status_code == 404


def test_names_of_others_are_hidden_wherever_they_stand() -> None:
    row = ways._row(way(FAR, [hop(FAR, ROLE, via=NEAR_FAR, conditions=["bridge is up"])]) | {
        "owner": None, "status": None, "life": None,
    })  # fmt: skip
    scope = Scope(frozenset({ACCOUNT}), frozenset())
    assert ways.seen([row], scope) == [row]
    assert ways.shown(row, scope)["name"] == OUTSIDE
    step = ways._step(hop(FAR, ROLE, via=NEAR_FAR, conditions=["bridge is up"]),
                      ways._hiding(row, scope), {FAR: "team"})  # fmt: skip
    assert step["via"] == OUTSIDE
    assert step["from_owner"] == ""
    assert step["permissions"] == []
    whole = ways.shown(row, Scope())
    assert whole["name"] == "user far-away"
