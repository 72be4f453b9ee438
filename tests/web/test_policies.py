"""The pages of assurance: frameworks, clauses, reports, packages and what of them may be fetched."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.web.conftest import Visitor
from tests.web.reading import HOSTILE, harmless

from sharedline.comply.package.manifest import NAME, SCHEMA
from sharedline.web.views import packages

PACKAGE = "audit-soc-2-2026-01-01-2026-11-22"


def pack(folder: Path, name: str = PACKAGE, *listed: str) -> Path:
    """A package with one real file; its manifest names `listed`, too."""
    made = folder / name
    (made / "crm").mkdir(parents=True)
    (made / "crm" / "matrix.csv").write_text("a,b\n")
    (made / "unlisted.txt").write_text("not for others")
    files = [{"path": p, "bytes": 4, "sha256": "0"} for p in ("crm/matrix.csv", *listed)]
    body = {
        "schema": SCHEMA, "oscal": "1.1.3", "sharedline": "0", "system": f"shop {HOSTILE}",
        "framework": "soc-2", "baseline": "", "window": {"from": "2026-01-01", "to": "2026-11-22"},
        "scan": "s", "as_of": "2026-11-22T00:00:00Z", "files": files,
    }  # fmt: skip
    (made / NAME).write_text(json.dumps(body))
    (folder / f"{name}.zip").write_bytes(b"PK")
    return made


def test_frameworks_and_their_parts(visit: Visitor) -> None:
    client = visit("auditor")
    page = client.get("/policies").text
    assert "NIST SP 800-53 revision 5" in page
    assert "There are no policies here yet." in page
    assert "No report of AWS’s is on file" in page
    assert "None was made in this project." in page
    parts = client.get("/policies/framework/nist-800-53-r5")
    assert parts.status_code == 200
    assert parts.text.count('<th scope="row" class="day">') == 100
    assert "Page 1 of" in parts.text
    later = client.get("/policies/framework/nist-800-53-r5?page=2&side=customer").text
    assert 'rel="prev" href="/policies/framework/nist-800-53-r5?page=1&amp;side=customer"' in later
    found = client.get("/policies/framework/nist-800-53-r5?text=CP-9a").text
    assert "CP-9a" in found
    assert "AC-2a" not in found
    assert client.get("/policies/framework/none").status_code == 404
    assert client.get("/policies/framework/soc-2?page=x").status_code == 400


def test_each_number_of_a_framework_is_that_of_its_rows(visit: Visitor) -> None:
    client = visit("auditor")
    page = client.get("/policies").text
    at = "/policies/framework/nist-800-53-r5?verdict=unmet"
    told = page.split(f'href="{at}">', 1)[1].split("<", 1)[0]
    assert f"{told} part" in client.get(at).text.split('role="status">', 1)[1][:40]


def test_clauses_with_what_they_ask_for(folder: Path, visit: Visitor) -> None:
    (folder / "policies").mkdir()
    text = f"# Data\n\n## 1.1 Backups {HOSTILE}\n\nBuckets keep versions. {HOSTILE}\n\n"
    text += "## 1.2 Other\n\nBe kind.\n"
    (folder / "policies" / "data.md").write_text(text, "utf-8")
    (folder / "policies.toml").write_text(
        '[[map]]\nclause = "data/1.1"\ncontrols = ["nist-800-53-r5:CP-9"]\n'
        'duties = ["data.backup-recovery"]\nby = "Ann"\n'
    )
    client = visit("auditor")
    page = client.get("/policies/clauses").text
    harmless(page)
    assert "Buckets keep versions." in page
    assert "mapped by Ann" in page
    assert "/policies/framework/nist-800-53-r5?text=CP-9" in page
    assert "Nobody has said what it asks for" in page
    assert "Buckets keep versions." not in client.get("/policies/clauses?verdict=unmapped").text
    assert "/policies/clauses?document=data" in client.get("/policies").text


def test_a_package_is_listed_and_its_files_are_saved_not_shown(
    folder: Path, visit: Visitor
) -> None:
    pack(folder)
    client = visit("auditor")
    assert PACKAGE in client.get("/policies").text
    page = client.get(f"/policies/packages/{PACKAGE}").text
    harmless(page)
    assert "shop &lt;script&gt;" in page
    answer = client.get(f"/policies/packages/{PACKAGE}/crm/matrix.csv")
    assert answer.content == b"a,b\n"
    assert answer.headers["content-disposition"].startswith("attachment")
    assert answer.headers["content-type"] == "application/octet-stream"
    assert client.get(f"/policies/packages/{PACKAGE}/{PACKAGE}.zip").content == b"PK"
    assert client.get(f"/policies/packages/{PACKAGE}/{NAME}").status_code == 200


@pytest.mark.parametrize(
    "path",
    ["../sharedline.toml", "..%2f..%2fstate.db", "%2e%2e/state.db", "unlisted.txt", "/etc/passwd",
     "%2fetc%2fpasswd", "crm/../../state.db", "crm", "crm/matrix.csv%00", ".", "outside", "link.txt",
     "..%5cstate.db", f"{PACKAGE}.zip.sha256"],
)  # fmt: skip
def test_nothing_else_can_be_fetched(folder: Path, visit: Visitor, path: str) -> None:
    made = pack(folder, PACKAGE, "../state.db", "../../x", "/etc/passwd", "link.txt", "crm")
    (folder / "state.db-copy").write_text("secret")
    (made / "link.txt").symlink_to("/etc/passwd")
    answer = visit("auditor").get(f"/policies/packages/{PACKAGE}/{path}")
    assert answer.status_code in (404, 200)
    if answer.status_code == 200:  # the client itself made it the address of another page
        assert answer.headers["content-type"].startswith("text/html")
    assert b"root:" not in answer.content
    assert b"SQLite format" not in answer.content
    assert b"not for others" not in answer.content


def test_what_a_lying_manifest_names_is_refused(folder: Path) -> None:
    made = pack(folder, PACKAGE, "../sharedline.toml", "/etc/passwd", "link.txt", "crm")
    (folder / "sharedline.toml").write_text("x = 1\n")
    (made / "link.txt").symlink_to(folder / "sharedline.toml")
    [package] = packages.packages(folder)
    for name in ("../sharedline.toml", "/etc/passwd", "link.txt", "crm", "unlisted.txt", "", "."):
        assert packages.fetched(package, name) is None, name
    assert packages.fetched(package, "crm/matrix.csv") == (made / "crm" / "matrix.csv").resolve()


def test_what_is_no_package_is_none(folder: Path, tmp_path: Path, visit: Visitor) -> None:
    elsewhere = tmp_path / "elsewhere"
    pack(elsewhere)
    (folder / "linked").symlink_to(elsewhere / PACKAGE)
    pack(folder, ".hidden")
    (folder / "other").mkdir()
    (folder / "other" / NAME).write_text("[]")
    assert packages.packages(folder) == []
    for name in ("linked", ".hidden", "other", "lake", "..", "none"):
        assert visit("auditor").get(f"/policies/packages/{name}").status_code in (404, 200)
        assert "Audit package " not in visit("auditor").get(f"/policies/packages/{name}").text


def test_owners_see_nothing_of_it(folder: Path, visit: Visitor) -> None:
    pack(folder)
    for path in ("", "/clauses", "/reports", "/framework/soc-2", f"/packages/{PACKAGE}",
                 f"/packages/{PACKAGE}/crm/matrix.csv"):  # fmt: skip
        assert visit("owner").get(f"/policies{path}").status_code == 403


def test_reports_say_what_to_do_where_there_are_none(visit: Visitor) -> None:
    assert "sharedline comply artifact import" in visit("auditor").get("/policies/reports").text
