"""The page of a real scan: self-contained, well-formed, accessible, and every number opens."""

from __future__ import annotations

import base64
import hashlib
import re
from itertools import pairwise
from pathlib import Path

import pytest
from tests.formats import estate
from tests.report.page import Page

from sharedline.report.html import write
from sharedline.results import Results


@pytest.fixture(scope="module")
def html(results: Results, tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("report") / "report.html"
    write(results, path)
    assert [p.name for p in path.parent.iterdir()] == ["report.html"]
    return path.read_text("utf-8")


@pytest.fixture(scope="module")
def page(html: str) -> Page:
    return Page(html)


def flat(text: str) -> str:
    return " ".join(text.split()).replace("\N{NARROW NO-BREAK SPACE}", "")


# -- one file, nothing that runs, nothing that loads ------------------------------------------


def test_the_markup_is_well_formed(page: Page) -> None:
    assert page.errors == []


def test_nothing_runs_and_nothing_is_loaded(page: Page) -> None:
    tags = {e.tag for e in page.elements}
    assert not tags & {"script", "iframe", "object", "embed", "form", "link", "base", "img"}
    for e in page.elements:
        assert not [a for a in e.attrs if a.startswith("on") or a in ("style", "src", "srcset")]
        if "href" in e.attrs:
            assert e.attrs["href"].startswith(("#", "https://"))


def test_the_policy_allows_this_style_sheet_alone(page: Page) -> None:
    [policy] = [
        e.attrs["content"] for e in page.all("meta")
        if e.attrs.get("http-equiv") == "Content-Security-Policy"
    ]
    [style] = page.all("style")
    digest = base64.b64encode(hashlib.sha256(style.text.encode()).digest()).decode()
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    assert rules["default-src"] == "'none'"
    assert rules["style-src"] == f"'sha256-{digest}'"
    assert "unsafe" not in policy
    assert "url(" not in style.text
    assert "@import" not in style.text


# -- hostile names ----------------------------------------------------------------------------


def test_hostile_names_are_shown_and_never_act(html: str, page: Page) -> None:
    assert "<script>" not in html
    assert "<b>rebuilt" not in html
    assert "<i>all" not in html
    acting = {c for c in html if (ord(c) < 32 and c not in "\n\t") or c in "\x7f\u202e"}
    assert acting == set()
    rows = [e for e in page.all("td") if "alert(1)" in e.text]
    assert rows
    for row in rows:
        assert "<script>alert(1)</script>" in row.text
        assert "\\x1b[31mred" in row.text
        assert "\\u202egnp.exe" in row.text
    # Words of people: the waiver's reason, the person to call, the attestation's evidence.
    assert any("Public site <b>rebuilt</b> daily" in e.text for e in page.all("td"))
    assert any("Ada <Example>" in e.text for e in page.all("td"))
    attested = page.classed("attest")
    assert attested
    assert "Classified by hand <i>all</i>" in attested[0].text
    assert "<script>alert(1)</script>" in attested[0].text


def test_an_attribute_cannot_be_left(page: Page) -> None:
    expected = {
        "abbr", "aria-hidden", "aria-label", "aria-labelledby", "charset", "class", "colspan",
        "content", "height", "href", "http-equiv", "id", "lang", "name", "open", "rel", "role",
        "scope", "tabindex", "title",
        "d", "rx", "viewbox", "width", "x", "y",  # of drawings
    }
    assert {a for e in page.elements for a in e.attrs} <= expected


# -- accessible -------------------------------------------------------------------------------


def test_landmarks_language_and_title(page: Page) -> None:
    assert page.all("html")[0].attrs["lang"] == "en"
    assert "INCOMPLETE" in page.all("title")[0].text
    for tag in ("header", "nav", "main", "footer"):
        assert len(page.all(tag)) == 1
    assert page.elements[page.elements.index(page.all("body")[0]) + 1].attrs["href"] == "#summary"


def test_headings_never_skip_a_level(page: Page) -> None:
    levels = [int(e.tag[1]) for e in page.elements if re.fullmatch("h[1-6]", e.tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(b - a <= 1 for a, b in pairwise(levels))


def test_every_header_cell_has_a_scope_and_every_table_a_name(page: Page) -> None:
    assert all(e.attrs.get("scope") in ("col", "row", "colgroup") for e in page.all("th"))
    for table in page.all("table"):
        assert "thead" in table.children
    for region in [e for e in page.elements if e.attrs.get("role") == "region"]:
        assert region.attrs["tabindex"] == "0"
        name = region.attrs.get("aria-label") or page.by_id(region.attrs["aria-labelledby"]).text
        assert name.strip()


def test_status_is_never_told_by_colour_alone(page: Page) -> None:
    for e in page.classed("st"):
        assert len(e.text.split()) >= 2, e.text
    links = [e for e in page.all("a") if e.attrs.get("href", "").startswith("#cell-")
             and "title" in e.attrs]
    assert links
    for e in links:
        assert e.text.strip() in set("✓✗?○~A")
        assert re.search(r": (met|unmet|unknown|unverified|waived|inherited)", e.attrs["title"])


# -- every number opens -----------------------------------------------------------------------


def test_ids_are_unique_and_every_link_arrives(page: Page) -> None:
    ids = [e.attrs["id"] for e in page.elements if "id" in e.attrs]
    assert len(ids) == len(set(ids))
    aims = {e.attrs["href"][1:] for e in page.all("a") if e.attrs.get("href", "")[:1] == "#"}
    assert aims - set(ids) == set()


def test_the_band_counts_what_the_scan_found(page: Page, results: Results) -> None:
    counts, cells, gaps = results.counts(), results.cells(), results.gaps()
    tiles = {
        next(c for c in e.attrs["class"].split() if c.startswith("t-"))[2:]: flat(e.text)
        for e in page.classed("tile")
    }
    expected = {
        **counts,
        "unowned": sum(g["status"] == "unowned" for g in gaps),
        "unverified": sum(g["status"] == "unverified" for g in gaps),
        "inherited": sum(c["status"] == "inherited" for c in cells),
    }
    assert {k: int(v.split()[0]) for k, v in tiles.items()} == expected
    for severity, n in results.severities().items():
        assert f"{n} {severity}" in tiles["unmet"]


def test_every_cell_of_the_matrix_has_its_place(page: Page, results: Results) -> None:
    cells = results.cells()
    drawn = [e for e in page.all("a") if "is-" in e.attrs.get("class", "")]
    assert len(drawn) == len(cells)
    for cell in cells:
        body = page.by_id(f"cell-{cell['service']}-{cell['duty']}")
        assert "details" in body.parents
        assert flat(cell["aws"]) in flat(body.text)
        assert flat(cell["customer"]) in flat(body.text)
        source = cell["source"].removeprefix("https://")
        assert source[:60] in body.text
    statuses = {c for e in drawn for c in e.attrs["class"].split() if c.startswith("is-")}
    assert statuses == {f"is-{c['status']}" for c in cells}


def test_side_is_a_place_and_nobody_is_marked(page: Page, results: Results) -> None:
    looks = {e.attrs["href"]: e.attrs["class"].split() for e in page.all("a")
             if "is-" in e.attrs.get("class", "")}
    for cell in results.cells():
        look = looks[f"#cell-{cell['service']}-{cell['duty']}"]
        stands = {s for s, n in cell["sides"].items() if n}
        if len(stands) == 1:
            assert f"on-{stands.pop()}" in look
        assert ("nobody" in look) == bool(cell["owners"].get("nobody"))


def test_every_unmet_finding_of_this_estate_is_listed_twice(page: Page, results: Results) -> None:
    """With its owner's gaps and with its check; a small estate hides nothing."""
    for row in results.rows("status = 'unmet'"):
        body = page.by_id(f"check-{row['check_id']}")
        name = " ".join(row["resource"].split())[:40]
        assert name in flat(body.text)
    signs = [e for e in page.classed("s-unmet") if "details" not in e.parents]
    assert len(signs) >= len(results.rows("status = 'unmet'"))


def test_a_gap_has_its_fix_and_its_owner_a_person(page: Page, results: Results) -> None:
    owner = page.by_id("owner-data")
    assert "Grace Example" in owner.text
    assert "+1 555 0100" in owner.text
    fixes = [e.text for e in page.classed("fix")]
    assert any("put-bucket-versioning" in f for f in fixes)
    assert page.by_id("owner-nobody")


# -- incomplete, changed, waived --------------------------------------------------------------


def test_an_incomplete_scan_says_what_is_unknown_and_what_to_grant(page: Page) -> None:
    alert = page.by_id("unread")
    text = flat(alert.text)
    assert "s3:GetBucketPolicy" in text
    assert "AccessDenied" in text
    assert "s3_bucket (3 rows)" in text
    grants = {e.text for e in page.classed("grant")}
    assert {"s3:GetBucketPolicy", "sqs:ListQueues"} <= grants
    unknown = page.by_id("unknown-s3_GetBucketPolicy-" + _digest("unknown-s3:GetBucketPolicy"))
    assert "s3/bucket_requires_tls" in unknown.text


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def test_what_could_not_be_read_is_never_given_a_reason_that_sounds_met(page: Page) -> None:
    body = page.by_id("check-s3/bucket_requires_tls")
    assert "s3:GetBucketPolicy could not be read" in flat(body.text)
    assert "no statement of its policy" not in body.text


def test_changes_since_the_scan_before(page: Page) -> None:
    assert "s3/bucket_versioning_on" in page.by_id("since-fixed").text
    assert "s3/bucket_requires_tls" in page.by_id("since-lost").text


def test_waivers_in_force_and_expired(page: Page) -> None:
    rows = [flat(e.text) for e in page.all("tr")]
    assert any("expired2020-01-31" in r and "Until the log bucket exists" in r for r in rows)
    assert any("in force2099-01-31" in r and "CISO" in r for r in rows)
    assert "arn:aws:s3:::public-web" in " ".join(r for r in rows if "rebuilt" in r)


def test_lines_nobody_reviewed_are_listed(page: Page, results: Results) -> None:
    unreviewed = [c for c in results.cells() if c["source"].startswith("category default")]
    text = page.by_id("unreviewed").text
    assert unreviewed or "None: every line" in text
    assert all(cell["duty"] in text for cell in unreviewed)


def test_a_scan_that_read_everything_says_so(tmp_path: Path) -> None:
    found = estate.complete(tmp_path / "project")
    path = tmp_path / "out" / "report.html"
    write(found, path)
    page = Page(path.read_text("utf-8"))
    assert page.errors == []
    text = flat(page.all("header")[0].text)
    assert "Complete: everything asked for was read" in text
    ids = {e.attrs.get("id") for e in page.elements}
    assert not ids & {"unread", "since"}
