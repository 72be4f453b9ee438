"""The pages of incidents: what one starts from, the verdict, what a scope hides, waiting for it."""

from __future__ import annotations

import contextlib
import json
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient
from tests.web.conftest import ACCOUNT, Visitor
from tests.web.reading import (
    FAR,
    HOSTILE,
    OTHER,
    RESOURCE,
    SERVICE,
    SESSION,
    add_guardduty,
    add_trail,
    detection,
    event,
    give_account,
    harmless,
    keep,
)

from sharedline.incident.inputs import parse
from sharedline.inventory.lake import Lake
from sharedline.people.model import Scope
from sharedline.results import Results
from sharedline.web.site import Site
from sharedline.web.views import incidents
from sharedline.web.views.hiding import OUTSIDE
from sharedline.web.views.timeline import timeline

EVENTS = [
    event("s3:ListBuckets", 1),
    event("s3:GetObject", 12, requestParameters={"bucketName": "cards"}),
    event("iam:CreateUser", 20, account=OTHER, errorCode="AccessDenied",
          requestParameters={"userName": "secret-name"}),
]  # fmt: skip


@pytest.fixture
def ready(folder: Path) -> Path:
    add_trail(folder, EVENTS)
    keep(folder, detection(), detection(account=OTHER, principal=FAR, title="Elsewhere"))
    add_guardduty(folder, f"Tor was used {HOSTILE}")
    return folder


def verdict(client: TestClient, name: str) -> str:
    """The page of an incident once it is reckoned."""
    for _ in range(600):
        page = client.get(f"/incident/{name}")
        assert page.status_code == 200
        if 'class="pending"' not in page.text:
            return page.text
        time.sleep(0.1)
    raise AssertionError("it was never reckoned")


def names(site: Site) -> dict[str, str]:
    """The name of each detection's incident by its account."""
    return {s.account: s.id for s in incidents.of_trail(Lake(site.project.lake_url))}


def test_the_list_has_detections_and_findings(ready: Path, visit: Visitor, site: Site) -> None:
    page = visit("auditor").get("/incident").text
    harmless(page)
    assert "Buckets were listed &lt;script&gt;" in page
    assert "Tor was used &lt;script&gt;" in page
    assert names(site)[OTHER] in page
    only = visit("auditor").get("/incident?kind=guardduty").text
    assert "Buckets were listed" not in only


def test_a_verdict_tells_steps_duties_and_what_is_not_known(
    ready: Path, visit: Visitor, site: Site
) -> None:
    page = verdict(visit("auditor"), names(site)[ACCOUNT])
    harmless(page)
    assert "Whose duty" in page
    assert "<code>s3:ListBuckets</code>" in page
    assert '<svg class="graph timeline"' in page
    assert "What is not known" in page
    assert "owned by nobody" in page or "nobody" in page
    assert 'id="step-1"' in page


def test_an_owner_sees_their_part_of_it(ready: Path, visit: Visitor, site: Site) -> None:
    give_account(site.database)
    client = visit("owner")
    listed = client.get("/incident").text
    assert "Elsewhere" not in listed
    assert client.get(f"/incident/{names(site)[OTHER]}").status_code == 404
    page = verdict(client, names(site)[ACCOUNT])
    assert OTHER not in page
    assert "secret-name" not in page
    assert "<code>s3:ListBuckets</code>" in page


def test_an_owner_without_accounts_sees_none(ready: Path, visit: Visitor, site: Site) -> None:
    page = visit("owner").get("/incident").text
    assert "Nothing was found in your accounts" in page
    assert visit("owner").get(f"/incident/{names(site)[ACCOUNT]}").status_code == 404


def test_a_finding_of_an_older_scan_names_nobody_so_detections_near_it_are_shown(
    ready: Path, visit: Visitor, site: Site
) -> None:
    page = visit("auditor").get("/incident?kind=guardduty").text
    name = page.split('href="/incident/', 1)[1].split('"', 1)[0]
    opened = visit("auditor").get(f"/incident/{name}").text
    harmless(opened)
    assert "before scans kept who acted" in opened
    assert "the next scan keeps it" in opened
    assert "sharedline incident FILE" in opened
    assert f"/incident/{names(site)[ACCOUNT]}" in opened
    assert f"/incident/{names(site)[OTHER]}" not in opened


def started(site: Site, title: str) -> incidents.Start:
    """The start of the newest scan's finding of a title."""
    manifest = Lake(site.project.lake_url).latest()
    results = Results(Lake(site.project.lake_url), manifest, site.project)
    with contextlib.closing(results.duck):
        return next(s for s in incidents.of_scan(results) if s.title == title)


def test_a_finding_of_the_scan_gives_the_verdict(ready: Path, visit: Visitor, site: Site) -> None:
    said = f"Keys were stolen {HOSTILE}"
    add_guardduty(ready, said, resource=RESOURCE, service=SERVICE, description="Told.")
    start = started(site, said)
    page = verdict(visit("auditor"), start.id)
    harmless(page)
    assert "Keys were stolen &lt;script&gt;" in page
    assert "Whose duty" in page
    assert "<code>s3:ListBuckets</code>" in page
    assert '<svg class="graph timeline"' in page
    assert "What is not known" in page
    assert "sharedline incident FILE" not in page


def test_a_finding_of_the_scan_is_seen_within_the_scope(
    ready: Path, visit: Visitor, site: Site
) -> None:
    add_guardduty(ready, "Mine", resource=RESOURCE, service=SERVICE)
    add_guardduty(ready, "Theirs", account=OTHER, resource=RESOURCE, service=SERVICE)
    mine, theirs = started(site, "Mine"), started(site, "Theirs")
    assert visit("owner").get(f"/incident/{mine.id}").status_code == 404
    give_account(site.database)
    client = visit("owner")
    listed = client.get("/incident").text
    assert mine.id in listed
    assert theirs.id not in listed
    assert client.get(f"/incident/{theirs.id}").status_code == 404
    page = verdict(client, mine.id)
    assert "<code>s3:ListBuckets</code>" in page
    assert OTHER not in page
    assert "secret-name" not in page


def test_the_row_of_a_scan_starts_the_same_incident_as_the_file(ready: Path, site: Site) -> None:
    add_guardduty(ready, "Same", resource=RESOURCE, service=SERVICE, description="Told.")
    made = started(site, "Same").subject
    arn = str(made.document["Arn"])
    file = {
        "SchemaVersion": "2.0", "AccountId": ACCOUNT, "Region": "us-east-1", "Arn": arn,
        "Id": arn.rpartition("/")[2], "Type": "Recon:IAMUser/TorIPCaller", "Title": "Same",
        "Description": "Told.", "Severity": 8.0, "CreatedAt": "2026-11-19T02:00:00.000Z",
        "UpdatedAt": "2026-11-19T02:00:00.000Z", "Resource": RESOURCE, "Service": SERVICE,
    }  # fmt: skip
    [read] = parse(json.dumps({"Findings": [file]}).encode()).subjects
    assert replace(made, document={}) == replace(read, document={})
    assert made.principals == (SESSION,)
    assert made.keys == ("ASIASTOLENSTOLEN1234",)
    assert {**file, **made.document} == {**made.document, "SchemaVersion": "2.0"}


def test_a_finding_that_names_nothing_is_reckoned_as_its_file_would_be(
    ready: Path, visit: Visitor, site: Site
) -> None:
    add_guardduty(ready, "Bare", resource={"ResourceType": "EKSCluster"}, service={"Count": 1})
    assert "What is not known" in verdict(visit("auditor"), started(site, "Bare").id)


def test_while_it_is_reckoned_a_page_asks_again_and_it_is_reckoned_once(
    ready: Path, visit: Visitor, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    go, count = threading.Event(), []
    real = incidents.reckon

    def slow(*given: Any) -> dict[str, Any]:
        count.append(1)
        assert go.wait(60)
        return real(*given)

    monkeypatch.setattr(incidents, "reckon", slow)
    client, name = visit("auditor"), names(site)[ACCOUNT]
    first = client.get(f"/incident/{name}").text
    assert 'class="pending"' in first
    assert f'hx-get="/incident/{name}"' in first
    assert '<noscript><meta http-equiv="refresh"' in first
    assert 'class="pending"' in client.get(f"/incident/{name}").text
    go.set()
    assert "Whose duty" in verdict(client, name)
    assert count == [1]


def test_what_is_not_there(visit: Visitor) -> None:
    client = visit("auditor")
    page = client.get("/incident").text
    assert "The lake holds no trail" in page
    assert "sharedline trail ingest" in page
    assert client.get("/incident/0123456789abcdef").status_code == 404


def test_without_detections_it_says_what_to_run(folder: Path, visit: Visitor) -> None:
    add_trail(folder, EVENTS[:1])
    assert "sharedline trail detect" in visit("auditor").get("/incident").text


def _step(number: int, **more: Any) -> dict[str, Any]:
    return {
        "step": number, "time": f"2026-11-19T01:{number:02d}:00Z", "event": f"x:{HOSTILE}",
        "principal": f"p{number}", "issuer": "", "session": "", "address": "", "agent": "",
        "account": ACCOUNT, "region": "", "resources": [], "kinds": [], "why": "", "duties": [],
        "error": "", "strength": "certain", "linked_to": "", "event_id": "", **more,
    }  # fmt: skip


def test_sentences_about_what_lies_outside_are_left_out() -> None:
    outside = _step(2, account=OTHER, principal=FAR, resources=["arn:aws:s3:::their-bucket"])
    row = {"owner": "data", "duty": "d", "why": ["far-away did it"], "steps": [{"step": 1}],
           "evidence": [{"kind": "finding", "says": "their-bucket is open", "ref": ""}],
           "would_have_stopped": {"step": 2, "event": "e"}}  # fmt: skip
    data = {
        "subject": {"title": "far-away"}, "summary": ["On a day far-away acted."],
        "chain": [_step(1), outside], "verdict": [row, {**row, "steps": [{"step": 2}]}],
        "unknown": [{"what": f"what {OTHER} did", "where": "there"}], "notes": ["their-bucket"],
        "call_first": [{"owner": "web"}, {"owner": "data"}],
    }  # fmt: skip
    seen = incidents.shown(data, Scope(frozenset({ACCOUNT}), frozenset()))
    assert seen["partly"]
    for hidden in (OTHER, "far-away", "their-bucket", FAR):
        assert hidden not in str(seen)
    assert len(seen["verdict"]) == 1
    assert seen["verdict"][0]["why"] == [OUTSIDE]
    assert seen["call_first"] == [{"owner": "data"}]
    assert incidents.shown(data, Scope())["summary"] == data["summary"]


def test_the_drawing_escapes_and_survives_many_principals() -> None:
    drawn = str(timeline([_step(n) for n in range(1, 30)]))
    harmless(drawn)
    assert drawn.count('class="lane') == 7
    assert drawn.count("<title>") == 29 + 7
    assert "style=" not in drawn
    assert str(timeline([])) == ""
    assert "1 steps" in str(timeline([_step(1)]))
