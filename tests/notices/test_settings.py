"""The settings of notices, tickets and jobs: kinds, and secrets that never stand in the file."""

from __future__ import annotations

from pathlib import Path

import pytest

from sharedline.errors import ConfigError
from sharedline.notices.settings import Target, audience, secret
from sharedline.project import open_project


def _write(folder: Path, text: str) -> None:
    (folder / "sharedline.toml").write_text(text)


def test_what_is_right_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PAGES", "https://pages.example.org/")
    _write(
        tmp_path,
        '[notify]\naddress = "env:PAGES"\nadmins = ["env:ADMINS", "mailto://mail?to=a@b"]\ndays = 9\n'
        'teams = { data = ["json://localhost/x"], "web team" = [] }\n'
        '[jira]\nserver = "https://jira.example.org"\nproject = "SEC"\ntoken = "env:T"\n'
        '[securityhub]\nregion = "eu-central-1"\n'
        '[jobs.nightly]\nrun = "scan"\nat = "daily 02:00"\n[jobs.w]\nrun = "digest"\nat = "hourly"\n',
    )
    project = open_project(tmp_path)
    to = audience(project)
    assert to.days == 9
    assert to.link("gaps", owner="a b&c") == "https://pages.example.org/gaps?owner=a%20b%26c"
    assert to.of("data") == (Target("json://localhost/x"),)
    assert to.of("web team") == to.of("other") == to.admins
    assert project.jobs["nightly"] == {"run": "scan", "at": "daily 02:00"}


PLAIN = "A secret (s3cret) in "
WRONG = [
    ('[notify]\nadmin = ["x"]', "unknown key admin", "address, admins, days, teams"),
    ('[notify]\nadmins = "env:X"', "a list of texts", "list"),
    ('[notify]\nteams = { a = "env:X" }', "teams.a is not a list", "env:NAME"),
    ('[notify]\naddress = "pages"', "address is no address", "https://"),
    ('[notify]\nadmins = ["slack://s3cret/b/c"]', "holds a secret", "env:NAME"),
    ('[notify]\nadmins = ["mailto://ann:s3cret@mail"]', "holds a secret", "env:NAME"),
    ('[notify]\nadmins = ["https://hooks.slack.com/services/s3cret"]', "holds a secret", "env:"),
    ('[notify]\nadmins = ["json://h/?+X-Token=s3cret"]', "holds a secret", "env:NAME"),
    ('[notify]\nadmins = ["mailto://[s3cret"]', "holds a secret", "env:NAME"),
    ('[notify]\naddress = "https://a:s3cret@b"', "holds a secret", "env:NAME"),
    ('[jira]\ntoken = "s3cret"', "the token stands in the file", "env:NAME"),
    ('[jira]\nserver = "https://u:s3cret@jira"', "holds a secret", "env:NAME"),
    ('[jira]\nlimit = "many"', "a whole number", "number"),
    ('[jobs.x]\nrun = "scan"', "at does not say when", "daily 06:00"),
    ('[jobs.x]\nrun = "scam"\nat = "hourly"', "no such run", "digest"),
    ('[jobs.x]\nrun = "scan"\nat = "daily 24:00"', "at does not say when", "weekly"),
    ('[jobs.x]\nrun = "scan"\nat = "weekly 08:00"', "at does not say when", "weekly"),
    ('[jobs.x]\nrun = "scan"\nat = "hourly"\nby = 1', "unknown key by", "at, run"),
    ('[jobs."a b"]\nrun = "scan"\nat = "hourly"', "no name", "letters"),
    ("jobs = 1", "jobs is not a table", "[jobs.NAME]"),
    ('[securityhub]\nregions = ["x"]', "unknown key regions", "region"),
]


@pytest.mark.parametrize(("text", "said", "advice"), WRONG, ids=[w[0] for w in WRONG])
def test_what_is_wrong_is_told_without_the_secret(
    tmp_path: Path, text: str, said: str, advice: str
) -> None:
    _write(tmp_path, text)
    with pytest.raises(ConfigError) as raised:
        open_project(tmp_path)
    assert said in raised.value.message
    assert advice in raised.value.advice
    assert "s3cret" not in str(raised.value)


def test_a_secret_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("A_TOKEN", " abc\n")
    assert secret("env:A_TOKEN", "here") == "abc"
    assert secret("plain", "here") == "plain"
    monkeypatch.delenv("A_TOKEN")
    with pytest.raises(ConfigError, match="A_TOKEN is not set"):
        secret("env:A_TOKEN", "here")


def test_a_target_shows_no_address() -> None:
    assert Target("json://localhost/private").shown == "json://…"
    assert Target("env:SLACK").shown == "env:SLACK"
    assert Target("env:SLACK").id != Target("env:SLACK2").id
