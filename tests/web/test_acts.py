"""What people do with a finding: it shows at once, it is in the audit log, a scan verifies it."""

from __future__ import annotations

import contextlib
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import boto3
import pytest
from starlette.testclient import TestClient
from tests.scanned import REGION, twice
from tests.web import estate
from tests.web.conftest import PASSWORD, TEAM, Visitor, token_in
from tests.web.estate import OTHERS, audited, target, total

from sharedline import scan
from sharedline.duties import waivers
from sharedline.people import accounts
from sharedline.people.model import Role
from sharedline.project import open_project
from sharedline.state.database import Database
from sharedline.web.app import create_app
from sharedline.web.site import Site
from sharedline.web.views import acting

SOON = (datetime.now(UTC).date() + timedelta(days=30)).isoformat()
WAIVER = {"reason": "The bucket is rebuilt daily.", "approver": "Femi", "expires": SOON}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    estate.make(tmp_path)
    return tmp_path


def post(client: TestClient, what: str, **data: str) -> tuple[int, str]:
    """Sends a form of the finding's page as its page has it."""
    csrf = token_in(client.get("/gaps").text)
    answer = client.post(f"/gaps/finding/{what}", data={"csrf": csrf, **data})
    return answer.status_code, answer.headers.get("location", answer.text)


def test_a_claim_shows_at_once_and_is_kept_with_its_record(visit: Visitor, site: Site) -> None:
    client = visit("owner")
    status, where = post(client, "claim", **target(), note="Versioning is on <now>.")
    assert status == 303
    page = client.get(where).text
    assert "The next scan verifies it" in page
    assert "Versioning is on &lt;now&gt;." in page
    assert "claimed by owner" in page
    assert total(client.get("/gaps?life=claimed").text) == 1
    assert audited(site.database) == [("owner", "finding.claim")]
    assert site.project.attested.is_file()  # the next look from a terminal judges again
    status, said = post(client, "claim", **target(), note="Again.")
    assert (status, "claimed already" in said) == (409, True)


def test_outside_the_scope_it_is_as_if_it_were_not_there(visit: Visitor, site: Site) -> None:
    client = visit("owner")
    for what, data in (("claim", {}), ("comment", {"text": "mine?"}), ("waive", WAIVER)):
        status, said = post(client, what, **target("theirs", account=OTHERS), **data)
        absent, the_same = post(client, what, **target("no-such-bucket"), **data)
        assert status == absent == 404
        assert "There is no such page." in said
        assert "There is no such page." in the_same
    assert audited(site.database) == []
    assert not site.project.waivers.exists()


def test_an_auditor_changes_nothing(visit: Visitor, site: Site) -> None:
    for what in ("claim", "comment", "waive"):
        assert post(visit("auditor"), what, **target())[0] == 403
    assert audited(site.database) == []


def test_a_comment_is_text_and_is_counted(visit: Visitor, site: Site) -> None:
    client = visit("owner")
    said = "See <b>ticket</b> 7.\r\n\u202eSecond line."
    status, where = post(client, "comment", **target(), text=said)
    assert status == 303
    page = visit("auditor").get(where).text
    assert "See &lt;b&gt;ticket&lt;/b&gt; 7.\n\\u202eSecond line." in page
    assert "1 comment" in client.get("/gaps").text.replace("\u202f", " ")
    assert audited(site.database) == [("owner", "finding.comment")]
    assert post(client, "comment", **target(), text="  ")[0] == 400
    assert post(client, "comment", **target(), text="x" * 4001)[0] == 400


def test_a_waiver_stands_in_the_file_and_shows_at_once(visit: Visitor, site: Site) -> None:
    site.project.waivers.write_text("# Ours.", "utf-8")
    client = visit("owner")
    status, where = post(client, "waive", **target(), **WAIVER)
    assert status == 303
    page = client.get(where).text
    assert "review and commit it" in page
    assert "waived since the scan" in page
    assert 'action="/gaps/finding/waive"' not in page
    assert total(client.get("/gaps?life=waived").text) == 1
    assert site.project.waivers.read_text("utf-8").startswith("# Ours.\n[[waiver]]\n")
    (kept,) = waivers.load(site.project.waivers)
    assert (kept.check, kept.resource, kept.account) == tuple(target().values())
    assert (kept.reason, kept.approver) == (WAIVER["reason"], "Femi")
    assert audited(site.database) == [("owner", "finding.waive")]
    assert post(client, "waive", **target(), **WAIVER)[0] == 409


@pytest.mark.parametrize(
    ("name", "changed", "status", "said"),
    [
        ("ledger", {"expires": "soon"}, 400, "no date"),
        ("ledger", {"expires": "2020-01-01"}, 400, "past"),
        ("ledger", {"expires": "9999-12-31"}, 400, "three years"),
        ("ledger", {"reason": " "}, 400, "The reason is missing"),
        ("ledger", {"approver": ""}, 400, "The approver is missing"),
        ("dark", {}, 409, "could not be judged"),
        ("good", {}, 409, "nothing to waive"),
        ("any*thing", {}, 409, "cover more than this finding"),
    ],
)
def test_a_waiver_that_cannot_be(
    visit: Visitor, site: Site, name: str, changed: dict[str, str], status: int, said: str
) -> None:
    answer = post(visit("editor"), "waive", **target(name), **{**WAIVER, **changed})
    assert answer[0] == status
    assert said in answer[1]
    assert not site.project.waivers.exists()
    assert audited(site.database) == []


def test_a_broken_file_of_waivers_is_not_made_longer(visit: Visitor, site: Site) -> None:
    client = visit("editor")
    client.get("/gaps")
    site.project.waivers.write_text("[[waiver]\n", "utf-8")
    assert post(client, "waive", **target(), **WAIVER)[0] == 400
    assert site.project.waivers.read_text("utf-8") == "[[waiver]\n"
    assert audited(site.database) == []


def test_two_at_once_lose_nothing(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between processes only the file's lock stands, so that alone is tried."""
    monkeypatch.setattr(acting, "_ONE_AT_A_TIME", contextlib.nullcontext())
    with site.database.read() as connection:
        person = accounts.get(connection, "editor")
    assert person is not None
    actor, start = acting.Actor(person, "127.0.0.1"), threading.Barrier(8)
    last = datetime.now(UTC).date() + timedelta(days=30)

    def one(number: int) -> None:
        start.wait(30)
        goal = acting.Target(
            "s3/x", f"arn:aws:s3:::b{number}", estate.MINE, "data", "unmet", "open"
        )
        acting.waive(site, actor, goal, f"Reason {number}.", "Femi", last)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(one, range(8)))
    kept = waivers.load(site.project.waivers)
    assert {w.resource for w in kept} == {f"arn:aws:s3:::b{n}" for n in range(8)}
    assert len(audited(site.database)) == 8


def test_the_same_waiver_twice_at_once_is_kept_once(site: Site) -> None:
    with site.database.read() as connection:
        person = accounts.get(connection, "editor")
    assert person is not None
    actor, start = acting.Actor(person, "127.0.0.1"), threading.Barrier(2)
    goal = acting.Target("s3/x", "arn:aws:s3:::b", estate.MINE, "data", "unmet", "open")
    last = datetime.now(UTC).date() + timedelta(days=30)

    def one(_: int) -> bool:
        start.wait(30)
        try:
            acting.waive(site, actor, goal, "Reason.", "Femi", last)
        except acting.NotActable:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(one, range(2))) == [False, True]
    assert len(waivers.load(site.project.waivers)) == 1
    assert len(audited(site.database)) == 1


def test_too_many_acts_are_told_to_wait(visit: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(acting, "ACTS", 2)
    client = visit("editor")
    told = [post(client, "comment", **target(), text=f"No. {n}")[0] for n in range(3)]
    assert told == [303, 303, 429]


def test_a_claim_is_verified_by_the_next_scan_alone(tmp_path: Path) -> None:
    """From a claim over a mended bucket to *verified*; what was claimed and not mended is open."""
    with twice(tmp_path, (20, 21)):
        project = open_project(tmp_path)
        goal = target("other", "s3/bucket_versioning_on", "123456789012")
        with closing(Site(project, Database(project.database_url))) as site:
            with site.database.begin() as connection:
                accounts.add(connection, "o", "O", "", Role.OWNER, (TEAM,), PASSWORD)
            client = TestClient(create_app(site), follow_redirects=False)
            csrf = token_in(client.get("/sign-in").text)
            client.post("/sign-in", data={"name": "o", "password": PASSWORD, "csrf": csrf})
            assert post(client, "claim", **goal, note="Turned on.")[0] == 303
            assert "claimed by o" in client.get("/gaps/finding", params=goal).text
            client.close()
        boto3.client("s3", region_name=REGION).put_bucket_versioning(
            Bucket="other", VersioningConfiguration={"Status": "Enabled"}
        )
        scan(
            boto3.Session(region_name=REGION), regions=(REGION,), checks=("s3/bucket_v*",),
            folder=tmp_path, processes=0, as_of=datetime.now(UTC) + timedelta(minutes=1),
        )  # fmt: skip
        with closing(Site(project, Database(project.database_url))) as site:
            client = TestClient(create_app(site), follow_redirects=False)
            csrf = token_in(client.get("/sign-in").text)
            client.post("/sign-in", data={"name": "o", "password": PASSWORD, "csrf": csrf})
            page = client.get("/gaps/finding", params=goal).text
            assert "verified" in page
            assert "Turned on." in page
            assert total(client.get("/gaps?rows=all&life=verified").text) >= 1
            client.close()
