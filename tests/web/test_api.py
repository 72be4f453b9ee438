"""The API: the formats that others rely on, scope, refusals in words, the same acts as the pages."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.web import estate
from tests.web.estate import OTHERS, audited, target
from tests.web.programs import Program

from sharedline.web.site import Site

LAST = (datetime.now(UTC).date() + timedelta(days=30)).isoformat()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    estate.make(tmp_path)
    return tmp_path


def test_gaps_have_the_keys_that_others_rely_on(program: Program) -> None:
    told = program("auditor").get("/gaps", params={"size": 5}).json()
    assert (told["total"], told["page"], told["pages"], len(told["rows"])) == (12, 1, 3, 5)
    keys = {"duty", "service", "resource", "side", "owner", "status", "severity", "check",
            "reason", "since"}  # fmt: skip
    assert all(keys <= set(row) for row in told["rows"])
    assert told["counts"]["status"]["unmet"] == 7
    assert program("auditor").get("/findings").json()["total"] == 13


def test_the_matrix_has_the_keys_that_others_rely_on(program: Program) -> None:
    cells = program("auditor").get("/matrix").json()["cells"]
    keys = {"service", "duty", "sides", "aws", "customer", "owner", "status", "source",
            "resources", "findings"}  # fmt: skip
    assert len(cells) == 4
    assert all(keys <= set(cell) for cell in cells)
    one = program("auditor").get("/matrix/s3/data.exposure").json()
    assert one["cell"] == next(c for c in cells if c["duty"] == "data.exposure")
    assert [r["resource"] for r in one["resources"]] == ["arn:aws:s3:::ledger"]


def test_an_owner_gets_what_is_theirs(program: Program) -> None:
    client = program("owner")
    for path in ("/gaps", "/findings", "/matrix", "/matrix/s3/data.backup-recovery", "/scans"):
        answer = client.get(path)
        assert answer.status_code == 200
        for hidden in ("theirs", "nobodys", OTHERS, "onerror"):
            assert hidden not in answer.text, path
    outside = target("theirs", account=OTHERS)
    for path in ("/findings/one", "/comments"):
        assert client.get(path, params=outside).status_code == 404
    assert client.get("/resources", params={"arn": outside["resource"]}).status_code == 404
    assert client.post("/claims", json=outside).status_code == 404
    assert client.post("/comments", json={**outside, "text": "x"}).status_code == 404
    waiver = {**outside, "reason": "x", "approver": "x", "expires": LAST}
    assert client.post("/waivers", json=waiver).status_code == 404


def test_one_finding_with_what_was_said(program: Program, site: Site) -> None:
    client = program("owner")
    made = client.post("/claims", json={**target(), "note": "Done."})
    assert made.status_code == 201
    assert (made.json()["by"], made.json()["note"]) == ("owner", "Done.")
    said = client.post("/comments", json={**target(), "text": "Look."})
    assert said.status_code == 201
    told = client.get("/findings/one", params=target()).json()
    assert told["finding"]["now"] == "claimed"
    assert [s["text"] for s in told["said"]] == ["Done.", "Look."]
    assert client.get("/comments", params=target()).json()["comments"] == [said.json()]
    again = client.post("/claims", json=target())
    assert again.status_code == 409
    assert again.json() == {
        "error": "It is claimed already.",
        "advice": "Comment on it, or wait for the next scan.",
    }
    assert audited(site.database) == [("owner", "finding.claim"), ("owner", "finding.comment")]


def test_a_waiver_is_made_and_listed_within_the_scope(program: Program, site: Site) -> None:
    waiver = {**target(), "reason": "Rebuilt.", "approver": "Femi", "expires": LAST}
    made = program("editor").post("/waivers", json=waiver)
    assert made.status_code == 201
    assert program("auditor").get("/waivers").json()["waivers"] == [made.json()]
    assert program("owner").get("/waivers").json()["waivers"] == []  # of an account, not of a team
    refused = program("auditor").post("/waivers", json=waiver)
    assert refused.status_code == 403
    assert "may not do this" in refused.json()["error"]


@pytest.mark.parametrize(
    ("path", "status", "said"),
    [
        ("/gaps?colour=red", 400, "There is no filter 'colour'."),
        ("/gaps?status=red", 400, "status cannot be 'red'."),
        ("/findings?page=-1", 400, "page cannot be '-1'."),
        ("/gaps?scan=none", 404, "There is no such page."),
        ("/matrix/s3/none", 404, "There is no such page."),
        ("/findings/one", 422, "What was sent is not right."),
        ("/matrix/s3/data.exposure?page=0", 422, "What was sent is not right."),
    ],
)
def test_refusals_are_sentences(program: Program, path: str, status: int, said: str) -> None:
    answer = program("auditor").get(path)
    assert answer.status_code == status
    assert answer.json()["error"] == said
