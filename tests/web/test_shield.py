"""What every answer carries, and what no request may do."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tests.web.conftest import Visitor

from sharedline.web.shield import POLICY

WEB = Path(__file__).parents[2] / "src" / "sharedline" / "web"
TEMPLATES = sorted((WEB / "templates").rglob("*.html"))


def test_headers_on_every_answer(visit: Visitor) -> None:
    client = visit()
    for path in ("/sign-in", "/no", "/static/site.css", "/health", "/api/v1/no"):
        answer = client.get(path)
        assert answer.headers["content-security-policy"] == POLICY
        assert answer.headers["x-content-type-options"] == "nosniff"
    assert client.get("/sign-in").headers["cache-control"] == "no-store"
    assert "no-store" not in client.get("/static/site.css").headers.get("cache-control", "")


def test_more_than_is_read_is_refused(visit: Visitor) -> None:
    answer = visit().post("/sign-in", data={"name": "x" * 2_100_000})
    assert answer.status_code == 413
    assert "2 MB" in answer.text


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda p: str(p.relative_to(WEB / "templates")))
def test_templates_need_no_exception_from_the_policy(path: Path) -> None:
    text = path.read_text("utf-8")
    assert not re.search(r"\sstyle\s*=", text), "style attributes are blocked by the policy"
    assert not re.search(r"<style|\son[a-z]+=|hx-on|javascript:|hx-vals\s*=.js", text)
    assert not re.search(r"<script(?![^>]*\bsrc=)", text), "scripts are files of ours"
    assert not re.search(r"(src|href)\s*=\s*[\"']?(https?:)?//(?!\{)", text)
    assert "|safe" not in text.replace(" ", ""), "what is safe is Markup, made where it is known"


def test_what_is_vendored_loads_nothing_from_elsewhere() -> None:
    for path in (WEB / "static").glob("*.css"):
        for address in re.findall(r"url\(([^)]+)\)", path.read_text("utf-8")):
            assert address.strip("\"'").startswith("data:"), (path.name, address[:60])
    assert "sourceMappingURL" not in "".join(
        p.read_text("utf-8") for p in (WEB / "static").glob("*.js")
    )
