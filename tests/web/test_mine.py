"""What is mine: five things at most, of my teams, and the rest by numbers."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.web import estate
from tests.web.conftest import Visitor
from tests.web.estate import opened


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    estate.make(tmp_path)
    return tmp_path


def test_an_owner_is_led_to_their_things(visit: Visitor) -> None:
    client = visit("owner")
    assert client.get("/").headers["location"] == "/mine"
    page = client.get("/mine").text
    assert page.count('<p class="because">') == 2  # each of another check
    assert "What data owns" in page
    assert page.index("critical, not as desired") < page.index("medium, not as desired")
    for hidden in ("theirs", "nobodys", "onerror"):
        assert hidden not in page
    assert opened(client, page) >= 4


def test_what_is_claimed_comes_last(visit: Visitor) -> None:
    from tests.web.test_acts import post

    client = visit("owner")
    worst = estate.target("ledger", "s3/bucket_policy_not_public")
    assert post(client, "claim", **worst)[0] == 303
    page = client.get("/mine").text
    assert page.index("medium, not as desired") < page.index("claimed, to be verified")


def test_who_has_no_team_sees_what_there_is(visit: Visitor) -> None:
    client = visit("editor")
    page = client.get("/mine").text
    assert "What there is" in page
    assert opened(client, page) >= 4
    assert visit("auditor").get("/mine").status_code == 403
