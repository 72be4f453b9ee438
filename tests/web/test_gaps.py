"""The list of gaps and one finding: filters, scope, names that mean harm, pieces for htmx."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tests.web import estate
from tests.web.conftest import Visitor
from tests.web.estate import CHECK, HOSTILE, HOSTILE_OWNER, OTHERS, target, total


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    estate.make(tmp_path)
    return tmp_path


def test_who_sees_everything_finds_it_worst_first(visit: Visitor) -> None:
    page = visit("auditor").get("/gaps").text
    assert total(page) == 8 + 4  # findings, then cells that nothing verifies or nobody owns
    assert page.index("s3/data.classification") > page.index("bucket_versioning_on")
    assert "s3:GetBucketVersioning" in page
    assert "could not be read" in page


def test_an_owner_sees_what_is_theirs_and_no_number_of_the_rest(visit: Visitor) -> None:
    client = visit("owner")
    page = client.get("/gaps").text
    assert total(page) == 5
    for hidden in ("theirs", "nobodys", OTHERS, "web", "onerror"):
        assert hidden not in page
    assert total(client.get("/gaps?owner=web").text) == 0
    assert total(client.get("/gaps?text=theirs").text) == 0
    for name, owner in (("theirs", "web"), ("nobodys", "nobody")):
        answer = client.get("/gaps/finding", params=target(name, account=OTHERS))
        assert answer.status_code == 404, owner
    assert client.get("/gaps/finding", params=target("ledger")).status_code == 200


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("colour=red", "There is no filter"),
        ("status=broken", "status cannot be"),
        ("page=0", "page cannot be"),
        ("page=two", "page cannot be"),
        ("size=100000", "size cannot be"),
        ("order=best", "order cannot be"),
        ("text=a&text=b", "text is given twice"),
    ],
)
def test_a_filter_that_is_not_known_is_refused_in_words(
    visit: Visitor, query: str, said: str
) -> None:
    answer = visit("auditor").get(f"/gaps?{query}")
    assert answer.status_code == 400
    assert said in answer.text


def test_a_scan_that_is_not_there(visit: Visitor) -> None:
    assert visit("auditor").get("/gaps?scan=20200101T000000Z-none").status_code == 404


def test_names_that_mean_harm_are_only_text(visit: Visitor) -> None:
    client = visit("admin")
    pages = [
        client.get("/gaps").text,
        client.get("/gaps", params={"owner": HOSTILE_OWNER, "text": "<script>"}).text,
        client.get("/gaps/finding", params=target(HOSTILE, account=OTHERS)).text,
        client.get("/matrix").text,
        client.get("/matrix/s3/data.backup-recovery").text,
        client.get("/flow").text,
        client.get("/summary").text,
        client.get("/mine").text,
        client.get("/resource", params={"arn": HOSTILE}).text,
        client.get("/resource/past", params={"arn": HOSTILE}).text,
    ]
    for page in pages:
        assert "<script>alert" not in page
        assert "<img" not in page
        assert "\u202e" not in page
        assert "\x1b" not in page
    assert "&lt;script&gt;alert(1)" in pages[0]
    assert "\\u202e" in pages[0]
    assert "&lt;script&gt;alert(1)" in pages[2]


def test_the_pages_of_a_list_keep_every_value_of_a_filter(visit: Visitor) -> None:
    client = visit("auditor")
    page = client.get("/gaps?severity=medium&severity=critical&size=2&order=oldest").text
    following = re.search(r'rel="next" href="([^"]+)"', page)
    assert following
    address = following[1].replace("&amp;", "&")
    assert address.count("severity=") == 2
    assert total(client.get(address).text) == total(page)
    assert "There is no page 99 of these" in client.get("/gaps?page=99").text


def test_htmx_gets_the_piece_and_the_address_without_what_is_empty(visit: Visitor) -> None:
    client = visit("auditor")
    asked = {"hx-request": "true", "hx-target": "div#gaps"}
    answer = client.get("/gaps?text=&status=unmet&order=worst&rows=gaps", headers=asked)
    assert answer.text.lstrip().startswith('<div id="gaps"')
    assert answer.headers["hx-push-url"] == "/gaps?status=unmet"
    back = {"hx-request": "true", "hx-target": "body", "hx-history-restore-request": "true"}
    assert client.get("/gaps?status=unmet", headers=back).text.startswith("<!doctype html>")


def test_the_form_says_what_is_asked_and_offers_the_rest(visit: Visitor) -> None:
    page = visit("auditor").get("/gaps?severity=critical").text
    assert '<form id="filter" class="filter" method="get" action="/gaps"' in page
    assert re.search(r'name="severity" value="critical" checked', page)
    assert re.search(r'name="severity" value="medium">', page)
    assert 'title="Take this filter away"' in page


def test_a_finding_says_why_and_how_and_whose(visit: Visitor) -> None:
    page = visit("auditor").get("/gaps/finding", params=target("ledger")).text
    for said in ("Why it matters", "How to mend it", "AWS does", "You do", "Nothing yet", CHECK):
        assert said in page
    assert '<form method="post" action="/gaps' not in page  # an auditor only reads
    assert "/matrix/s3/data.backup-recovery" in page


def test_an_unknown_one_names_the_call_and_the_action_to_grant(visit: Visitor) -> None:
    page = visit("editor").get("/gaps/finding", params=target("dark")).text
    assert "What was denied" in page
    assert "Grant the scanning role <code>s3:GetBucketVersioning</code>" in page
    assert "Claim that it is fixed" not in page
    assert "/gaps/finding/comment" in page


def test_gaps_that_are_gone_are_rows_too(visit: Visitor) -> None:
    page = visit("auditor").get("/gaps?rows=gone").text
    assert total(page) == 1
    assert "went" in page


def test_one_that_is_gone_opens_and_is_not_to_be_claimed(visit: Visitor) -> None:
    from tests.web.test_acts import post

    client = visit("owner")
    page = client.get("/gaps/finding", params=target("went"))
    assert page.status_code == 200
    assert "does not find it any more" in page.text
    assert "/gaps/finding/claim" not in page.text
    status, said = post(client, "claim", **target("went"))
    assert status == 409
    assert "it is gone" in said
