"""What the pages of jobs say of notices and integrations: to whom, told or not, and no secret."""

from __future__ import annotations

import time

import pytest
from starlette.testclient import TestClient
from tests.web.conftest import Visitor

from sharedline.project import open_project
from sharedline.web.site import Site


def _notices(client: TestClient, kind: str) -> str:
    for _ in range(600):
        page = client.get(f"/jobs/notices?kind={kind}")
        assert page.status_code == 200
        if 'class="pending"' not in page.text:
            return page.text
        time.sleep(0.1)
    raise AssertionError("they were never made")


def test_what_would_be_told_and_what_was(
    site: Site, visit: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sharedline.notices import gather, send
    from sharedline.notices.settings import audience

    folder = site.project.folder
    (folder / "sharedline.toml").write_text(
        '[notify]\nteams = { data = ["env:DATA", "json://localhost/geheim"] }\n'
    )
    client = visit("auditor")
    page = _notices(client, "digest")
    assert "to data (env:DATA): not told yet" in page
    assert "arn:aws:s3:::other" in page
    assert "Nobody was told anything yet." in page
    project = open_project(folder)
    made = gather.notices(project, "digest")
    assert len(made) == 1
    refused = iter(["it answered 500", ""])
    outcomes = send.send(site.database, made, audience(project), post=lambda *_: next(refused))
    assert [o.state for o in outcomes] == ["failed", "sent"]
    page = _notices(client, "digest")
    assert "to data (env:DATA): not told yet" in page
    assert "to data (json://…): told 20" in page
    assert "<td>data (json://…)</td>" in page
    assert "geheim" not in page
    (folder / "sharedline.toml").write_text('[notify]\nadmins = ["env:ADMINS"]\n')
    assert "to the admins (env:ADMINS): not told yet" in _notices(client, "digest")
    (folder / "sharedline.toml").write_text("")
    page = _notices(client, "digest")
    assert "to nobody: no target is set" in page
    assert "a target that the settings do not name now" in page
    assert "There is nothing to tell." in _notices(client, "expiring")
    assert "As of 20" in _notices(client, "exercises")
    assert client.get("/jobs/notices?kind=other").status_code == 404


def test_looking_judges_nothing_anew(site: Site, visit: Visitor) -> None:
    from sharedline.inventory.lake import Lake

    (site.project.folder / "waivers.toml").write_text("")
    lake = Lake(site.project.lake_url)
    before = lake.latest().data
    page = _notices(visit("auditor"), "digest")
    assert "by the scan as it was judged last" in page
    assert lake.latest().data == before


def test_integrations_show_no_secret(
    site: Site, visit: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JIRA_TOKEN", "geheim-1")
    monkeypatch.delenv("DATA_SLACK", raising=False)
    client = visit("auditor")
    page = client.get("/jobs/integrations").text
    assert page.count("not set up") == 3
    assert "Write server, project and token" in page
    (site.project.folder / "sharedline.toml").write_text(
        '[notify]\naddress = "https://pages.example.org/geheim-2"\nadmins = ["env:DATA_SLACK"]\n'
        'teams = { data = ["json://localhost/geheim-3"] }\n'
        '[jira]\nserver = "https://jira.example.org/geheim-4"\nproject = "SEC"\n'
        'token = "env:JIRA_TOKEN"\n'
        '[securityhub]\nregion = "eu-west-1"\nexternal_id = "geheim-5"\n'
    )
    page = client.get("/jobs/integrations").text
    assert "geheim" not in page
    for shown in (
        "https://pages.example.org", "env:DATA_SLACK", "json://…", "SEC",
        "https://jira.example.org", "env:JIRA_TOKEN", "eu-west-1", "given, not shown",
    ):  # fmt: skip
        assert f"<dd>{shown}</dd>" in page
    assert "The variable DATA_SLACK is not set for these pages" in page
    assert "JIRA_TOKEN is not set" not in page
    (site.project.folder / "sharedline.toml").write_text(
        '[jira]\nproject = "SEC"\n[notify]\naddress = "env:NO_SUCH_ADDRESS"\n'
    )
    page = client.get("/jobs/integrations").text
    assert "[jira] lacks server, token." in page
    assert "No admins are named" in page
    assert page.count(">incomplete<") == 2
