"""A project folder: its defaults, its settings, and what changes the judgement of a scan."""

from __future__ import annotations

from pathlib import Path

import pytest

from sharedline.errors import ConfigError
from sharedline.project import open_project


def test_defaults(tmp_path: Path) -> None:
    project = open_project(tmp_path)
    assert project.lake_url == str(tmp_path / "lake")
    assert project.database_url == f"sqlite:///{tmp_path / 'state.db'}"
    assert project.engine == "duckdb"
    assert (project.owners.name, project.waivers.name) == ("owners.toml", "waivers.toml")
    with pytest.raises(ConfigError, match="There is no folder"):
        open_project(tmp_path / "none")


def test_settings(tmp_path: Path) -> None:
    (tmp_path / "sharedline.toml").write_text(
        'lake = "s3://b/lake"\ndatabase = "postgresql://x"\nengine = "local[2]"\n[scan]\n'
        'regions = ["eu-west-1"]\norg = true\nrate = 0.5\nprocesses = 2\n'
        '[checks."s3/x"]\nmax_days = 9\n'
    )
    project = open_project(tmp_path)
    assert project.lake_url == "s3://b/lake"
    assert project.database_url == "postgresql://x"
    assert project.engine == "local[2]"
    assert project.scan == {"regions": ["eu-west-1"], "org": True, "rate": 0.5, "processes": 2}
    assert project.params == {"s3/x": {"max_days": 9}}


def test_a_lake_beside_the_folder(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "sharedline.toml").write_text('lake = "../shared"\n')
    assert open_project(tmp_path / "a").lake_url == str(tmp_path / "shared")


def test_intent_changes_with_what_judges(tmp_path: Path) -> None:
    seen = [open_project(tmp_path).intent_digest()]
    for name, text in (("owners.toml", "[team.a]"), ("waivers.toml", "#"), (".attested", "x"),
                       ("sharedline.toml", '[checks."s3/x"]\nn = 1\n'), ("owners.toml", "")):
        (tmp_path / name).write_text(text)
        seen.append(open_project(tmp_path).intent_digest())
    assert len(set(seen)) == len(seen)
    (tmp_path / "notes.md").write_text("x")
    assert open_project(tmp_path).intent_digest() == seen[-1]
