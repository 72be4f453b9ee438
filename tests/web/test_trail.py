"""The pages of the trail's review: who looked, what was found, scope, what is not there."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from starlette.testclient import TestClient
from tests.web.conftest import ACCOUNT, Visitor
from tests.web.reading import FAR, OTHER, add_trail, detection, event, give_account, harmless, keep

from sharedline.web.site import Site

KIM = f"arn:aws:sts::{ACCOUNT}:assumed-role/AWSReservedSSO_Audit_0123456789/kim@example.com"
LOOK = event(
    "cloudtrail:LookupEvents", 5,
    userIdentity={"type": "AssumedRole", "arn": KIM, "accountId": ACCOUNT},
)  # fmt: skip


@pytest.fixture
def ready(folder: Path) -> Path:
    add_trail(folder, [event("ec2:DescribeInstances", 1), LOOK,
                       event("ec2:DescribeInstances", 2, account=OTHER)])  # fmt: skip
    keep(folder, detection(), detection(account=OTHER, principal=FAR, title="Elsewhere"))
    return folder


def page_of(client: TestClient, path: str) -> str:
    for _ in range(600):
        page = client.get(path)
        assert page.status_code == 200
        if 'class="pending"' not in page.text:
            return page.text
        time.sleep(0.1)
    raise AssertionError("it was never reckoned")


def test_who_looked_and_the_readers_behind_it(ready: Path, visit: Visitor) -> None:
    client = visit("auditor")
    page = page_of(client, "/trail")
    assert "event history" in page
    assert "kim@example.com" in page
    assert "somebody" in page
    assert OTHER in page
    name = page.split('href="/trail/source/', 1)[1].split('"', 1)[0]
    opened = client.get(f"/trail/source/{name}").text
    assert "<h2>Readers</h2>" in opened
    looked = page_of(client, "/trail?answer=yes")
    assert OTHER not in looked
    assert "kim@example.com" in looked


def test_detections_link_to_their_incident(ready: Path, visit: Visitor) -> None:
    client = visit("auditor")
    page = client.get("/trail/detections").text
    harmless(page)
    assert "Buckets were listed &lt;script&gt;" in page
    name = page.split('href="/incident/', 1)[1].split('"', 1)[0]
    assert client.get(f"/incident/{name}").status_code == 200
    assert "Elsewhere" in page
    assert "Elsewhere" not in client.get(f"/trail/detections?account={ACCOUNT}").text


@pytest.mark.parametrize("view", ["findings", "alarms", "changes", "deliveries"])
def test_views_with_nothing_say_so(ready: Path, visit: Visitor, view: str) -> None:
    page = page_of(visit("auditor"), f"/trail/{view}")
    assert "None" in page or "No log delivery was refused" in page


def test_an_owner_sees_their_accounts_only(ready: Path, visit: Visitor, site: Site) -> None:
    assert "Nothing fits" not in page_of(visit("owner"), "/trail")
    assert "kim@example.com" not in page_of(visit("owner"), "/trail")
    give_account(site.database)
    client = visit("owner")
    page = page_of(client, "/trail")
    assert "kim@example.com" in page
    assert OTHER not in page
    assert "Elsewhere" not in client.get("/trail/detections").text
    every = page_of(visit("auditor"), "/trail")
    theirs = set(every.split('href="/trail/source/')) - set(page.split('href="/trail/source/'))
    name = next(t.split('"', 1)[0] for t in theirs if OTHER in t and "<th" not in t[:20])
    assert client.get(f"/trail/source/{name}").status_code == 404


def test_what_is_not_there(visit: Visitor) -> None:
    client = visit("auditor")
    page = client.get("/trail").text
    assert "The lake holds no trail" in page
    assert "sharedline trail ingest" in page
    assert client.get("/trail/nothing").status_code == 404
