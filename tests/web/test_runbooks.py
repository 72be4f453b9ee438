"""The pages of runbooks: what is answered, what is wrong, and a text that cannot act on the page."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.web.conftest import Visitor
from tests.web.reading import HOSTILE, harmless

from sharedline.runbooks.library import load
from sharedline.web.views.procedures import address, html

FRONT = f"""---
title: "Buckets {HOSTILE.replace('"', "'")}"
duty: data.exposure
owner: data
checks: [s3/bucket_versioning_*]
tested:
  - {{on: 2026-11-01, by: Ann, how: tabletop}}
---
"""
TEXT = f"""# Buckets

{HOSTILE} <img src=x onerror=alert(2)> &lt;b&gt;

[public](https://example.org/x) [script](javascript:alert(1)) [plain](http://example.org/)
[data](data:text/html,x) [other](public-bucket.md#top) [up](../../etc/passwd.md) [none](gone.md)
![picture](https://example.org/x.png) <https://example.org/auto> <ftp://example.org/f>

## Detect

1. Look.

## Respond

1. Act.

## Recover

1. Mend.
"""


@pytest.fixture
def own(folder: Path) -> Path:
    (folder / "runbooks").mkdir()
    (folder / "runbooks" / "mine.md").write_text(FRONT + TEXT, "utf-8")
    return folder


def test_coverage_and_the_rows_behind_it(own: Path, visit: Visitor) -> None:
    client = visit("owner")
    page = client.get("/runbooks").text
    harmless(page)
    assert "GuardDuty’s finding types" in page
    assert 'href="/runbooks/mine"' in page
    assert "/runbooks/coverage?can=possible&amp;status=tested" in page
    tested = client.get("/runbooks/coverage?can=possible&status=tested").text
    assert "s3/bucket_versioning_on" in tested or "S3." in tested
    number = page.split('status=tested"><b>', 1)[1].split("<", 1)[0]
    assert f"{number} row" in tested.split('role="status">', 1)[1][:30]
    assert "Page 1 of" in client.get("/runbooks/coverage").text
    mine = client.get("/runbooks/coverage?runbook=mine").text
    assert 'href="/runbooks/mine"' in mine
    assert "Nothing fits" in client.get("/runbooks/coverage?kind=none").text


def test_faults_lead_to_the_runbook(own: Path, visit: Visitor) -> None:
    page = visit("auditor").get("/runbooks/faults").text
    assert "dead link" in page
    assert "no owner" in page
    some = visit("auditor").get("/runbooks/faults?runbook=mine").text
    assert "dead link" in some
    assert "no owner" not in some.split("<tbody>", 1)[1]


def test_a_text_that_means_harm_is_text(own: Path, visit: Visitor) -> None:
    page = visit("auditor").get("/runbooks/mine").text
    harmless(page)
    assert "<img" not in page
    assert "javascript:" not in page.replace("javascript:alert(1))", "")
    assert 'href="javascript' not in page
    assert 'href="http://' not in page
    assert 'href="data:' not in page
    assert 'href="ftp:' not in page
    assert "passwd.md" not in page.split('href="')[0]
    assert '<a href="https://example.org/x" rel="noreferrer">public</a>' in page
    assert '<a href="/runbooks/public-bucket" rel="noreferrer">other</a>' in page
    assert "<a>up</a>" in page
    assert "2026-11-01" in page
    assert page.count("<h1") == 1


def test_every_runbook_that_ships_has_a_page(visit: Visitor) -> None:
    client = visit("auditor")
    for name, book in load(None).runbooks.items():
        page = client.get(f"/runbooks/{name}")
        assert page.status_code == 200
        assert page.text.count("<h1>") == 1
        assert book.steps[0].text[:12] in html(load(None), name).unescape()


def test_what_is_not_there(visit: Visitor) -> None:
    client = visit("auditor")
    for name in ("none", "../../owners.toml", "a/b/c", "%2e%2e/owners"):
        assert client.get(f"/runbooks/{name}").status_code in (404, 303)
    assert client.get("/runbooks/faults?page=0").status_code == 400


def test_without_a_scan_it_says_so(visit: Visitor, folder: Path) -> None:
    import shutil

    shutil.rmtree(folder / "lake")
    client = visit("auditor")
    assert "There is no scan yet" in client.get("/runbooks").text
    assert "There is no scan yet" in client.get("/runbooks/coverage").text
    assert "There is no scan yet" in client.get("/paths").text
    assert "There is no scan yet" in client.get("/policies").text


def test_links_lead_to_public_pages_or_runbooks_only() -> None:
    library = load(None)
    assert address(library, "mine", "https://example.org") == "https://example.org"
    assert address(library, "mine", "public-bucket.md") == "/runbooks/public-bucket"
    for href in ("//example.org/x.md", "HTTPS://x", "/etc/x.md", "\njavascript:x.md", "x", "#top"):
        assert address(library, "mine", href) == ""
