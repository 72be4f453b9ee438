"""What people do in a project folder: make it, attest a duty, claim a finding."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from sharedline.duties import owners, waivers
from sharedline.errors import ConfigError, Error
from sharedline.intent import attest, claim, init
from sharedline.model import Attestation
from sharedline.project import open_project
from sharedline.state import Claim, State

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
MADE = Attestation("data.exposure", "*", "Looked", "ticket 1", "Ann", NOW, NOW + timedelta(days=9))


def test_a_new_folder_works_and_nothing_is_overwritten(tmp_path: Path) -> None:
    folder = tmp_path / "new"
    made = dict(init(folder))
    assert made
    assert all(made.values())
    project = open_project(folder)
    assert owners.load(project.owners)
    assert waivers.load(project.waivers) == []
    assert project.checks.is_dir()
    project.owners.write_text("# mine\n")
    assert not any(dict(init(folder)).values())
    assert project.owners.read_text() == "# mine\n"


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(Error, match="cannot be made"):
        list(init(tmp_path / "file" / "below"))


def test_an_attestation_is_kept_and_noticed(tmp_path: Path) -> None:
    project = open_project(tmp_path)
    before = project.intent_digest()
    attest(project, MADE)
    assert project.intent_digest() != before
    with closing(State(project.database_url)) as state:
        assert state.attestations() == [MADE]


@pytest.mark.parametrize(
    ("change", "said"),
    [({"duty": "x.exposure"}, "no duty 'x.exposure'"), ({"evidence": " "}, "Evidence"),
     ({"by": ""}, "Evidence and a person")],
)
def test_what_is_no_attestation(tmp_path: Path, change: dict[str, Any], said: str) -> None:
    project = open_project(tmp_path)
    with pytest.raises(ConfigError, match=said) as raised:
        attest(project, replace(MADE, **change))
    assert raised.value.advice
    assert not (tmp_path / "state.db").exists()


def test_a_claim_names_a_check(tmp_path: Path) -> None:
    project = open_project(tmp_path)
    claim(project, Claim("s3/bucket_versioning_on", "arn:x", "Ann", "", NOW))
    with closing(State(project.database_url)) as state:
        assert [c.resource for c in state.claims()] == ["arn:x"]
    with pytest.raises(ConfigError, match="No check matches s3/none"):
        claim(project, Claim("s3/none", "arn:x", "Ann", "", NOW))
