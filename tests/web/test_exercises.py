"""The pages of exercises: who sees a scenario whole, a new one, runs, the programme."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from tests.web.conftest import Visitor, token_in
from tests.web.reading import HOSTILE, harmless

from sharedline.exercise import library, store
from sharedline.exercise.programme import Past
from sharedline.exercise.session import store as sessions
from sharedline.exercise.session.model import Settings
from sharedline.people import audit
from sharedline.web.site import Site, now
from sharedline.web.views.drawn import trend

TRUTH = "Which single call tells you fastest"


def test_who_leads_sees_the_truths_and_others_what_it_is_about(visit: Visitor) -> None:
    page = visit("editor").get("/exercises/public-bucket").text
    assert TRUTH in page
    assert "GetBucketPolicyStatus" in page
    assert 'href="/exercises/public-bucket/open"' in page
    assert "EXERCISE" in page
    assert "{bucket}" not in page
    for role in ("owner", "auditor"):
        seen = visit(role).get("/exercises/public-bucket").text
        assert "A public bucket with customer records" in seen
        assert "60 minutes" in seen
        assert TRUTH not in seen
        assert "GetBucketPolicyStatus" not in seen
        assert "/open" not in seen
        assert TRUTH not in visit(role).get("/exercises").text


def test_the_list(visit: Visitor, site: Site) -> None:
    run = sessions.create(site.database, library.load("public-bucket"), Settings(), HOSTILE)
    page = visit("auditor").get("/exercises").text
    harmless(page)
    for name in library.ids():
        assert f'href="/exercises/{name}"' in page
    assert f'href="/exercises/runs/{run.id}"' in page
    assert "None was made from this project’s own gaps yet." in page
    assert "/exercises/new" not in page
    assert run.id not in visit("owner").get("/exercises").text
    assert "None was held that is" in visit("auditor").get("/exercises?status=ended").text
    moved = visit("auditor").get(f"/exercises/{run.id}")
    assert moved.headers["location"] == f"/exercises/runs/{run.id}"
    assert visit("owner").get(f"/exercises/{run.id}").status_code == 404


def test_a_new_one_from_the_library_is_written_recorded_and_shown(
    visit: Visitor, site: Site, folder: Path
) -> None:
    client = visit("editor")
    form = client.get("/exercises/new?source=public-bucket").text
    assert '<option value="public-bucket" selected>' in form
    given = {"csrf": token_in(form), "source": "public-bucket", "team": "", "seed": "3",
             "minutes": "60", "name": "our-bucket"}  # fmt: skip
    answer = client.post("/exercises/new", data=given)
    assert answer.status_code == 303
    assert answer.headers["location"] == "/exercises/our-bucket"
    assert store.load(site.project, "our-bucket").made is not None
    page = client.get("/exercises/our-bucket").text
    assert "seed 3" in page
    assert 'href="/exercises/our-bucket"' in client.get("/exercises").text
    with site.database.read() as connection:
        records = audit.read(connection, audit.Filters(action="exercise.new")).records
    assert [(r.who, r.target) for r in records] == [("editor", "our-bucket")]
    again = client.post("/exercises/new", data=given)
    assert again.status_code == 400
    assert "is there already" in again.text


def test_from_gaps(visit: Visitor) -> None:
    client = visit("editor")
    token = token_in(client.get("/exercises/new").text)
    given = {"csrf": token, "source": "gaps", "mask": "yes", "minutes": "30", "seed": "1"}
    answer = client.post("/exercises/new", data=given)
    assert answer.status_code == 303, answer.text
    page = client.get(answer.headers["location"]).text
    assert "names masked" in page
    assert "s3:::ledger" not in page


def test_what_a_form_asks_for_wrongly_is_told(visit: Visitor, site: Site) -> None:
    client = visit("editor")
    token = token_in(client.get("/exercises/new").text)
    for wrong, told in (
        ({"source": HOSTILE}, "There is no scenario"),
        ({"team": "nobody-we-know"}, "There is no team"),
        ({"seed": "-1"}, "The seed must be"),
        ({"minutes": "1e9"}, "The minutes must be"),
        ({"minutes": "9" * 30}, "The minutes must be"),
        ({"name": "../../x"}, "not written right"),
        ({"name": "new"}, "the name of a page"),
    ):
        given = {"csrf": token, "source": "public-bucket", "seed": "1", "minutes": "60", **wrong}
        answer = client.post("/exercises/new", data=given)
        assert answer.status_code == 400, wrong
        harmless(answer.text)
        assert told in answer.text, wrong
    assert list(store.ids(site.project)) == []
    assert visit("auditor").get("/exercises/new").status_code == 403


def test_a_scenario_that_cannot_be_read_is_listed_with_why(visit: Visitor, folder: Path) -> None:
    bad = folder / "exercises" / "broken"
    bad.mkdir(parents=True)
    (bad / "scenario.yaml").write_text(f"title: '{HOSTILE}'\n", "utf-8")
    page = visit("editor").get("/exercises").text
    harmless(page)
    assert "is missing" in page
    assert visit("editor").get("/exercises/broken").status_code == 200
    assert "It cannot be read." in visit("owner").get("/exercises").text


def test_the_programme(visit: Visitor) -> None:
    client = visit("auditor")
    page = client.get("/exercises/programme").text
    assert "No exercise has ended yet." in page
    assert "PCI DSS 12.10.2" in page
    number = page.split('?kind=runbook&amp;due=yes#exercised"><b>', 1)[1].split("<", 1)[0]
    rows = client.get("/exercises/programme?kind=runbook&due=yes").text
    assert rows.count("<td>runbook</td>") == int(number)
    assert "<td>duty</td>" not in rows
    assert visit("owner").get("/exercises/programme").status_code == 403


def test_what_is_not_there(visit: Visitor) -> None:
    for name in ("none", "..", "A", "x" * 200):
        assert visit("editor").get(f"/exercises/{name}").status_code in (404, 200, 303)
    assert visit("editor").get("/exercises/none").status_code == 404


def test_the_trend_escapes_titles() -> None:
    at = now()
    past = [
        Past(str(n), "s", HOSTILE, at + timedelta(days=n), ("a",), 2, 0.5 + n / 10, {}, {})
        for n in range(3)
    ]
    drawn = str(trend(past))
    harmless(drawn)
    assert drawn.count("<circle") == 3
    assert "from 50 to 70 of 100" in drawn
    assert str(trend(past[:1])) == ""
