"""Exercises on disk: whole or not at all, and only where they belong."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.exercise.made import full

from sharedline.errors import ConfigError
from sharedline.exercise import store
from sharedline.exercise.find import find
from sharedline.exercise.read import of_data
from sharedline.project import Project


def test_what_is_saved_is_found(tmp_path: Path) -> None:
    project = Project(tmp_path)
    scenario = of_data(full(), "x")
    path = store.save(project, scenario)
    assert path == tmp_path / "exercises" / "full" / "scenario.yaml"
    assert store.load(project, "full") == find(project, "full") == scenario
    assert list(store.ids(project)) == ["full"]
    assert [p.name for p in path.parent.iterdir()] == ["scenario.yaml"]


def test_an_exercise_is_replaced_only_when_asked(tmp_path: Path) -> None:
    project = Project(tmp_path)
    store.save(project, of_data(full(), "x"))
    changed = of_data(full() | {"title": "Other"}, "x")
    with pytest.raises(ConfigError, match="is there already"):
        store.save(project, changed)
    assert store.load(project, "full").title == "Full"
    store.save(project, changed, replace=True)
    assert store.load(project, "full").title == "Other"


def test_a_failure_leaves_the_old_one_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = Project(tmp_path)
    path = store.save(project, of_data(full(), "x"))
    before = path.read_bytes()

    def fails(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", fails)
    with pytest.raises(OSError, match="No space"):
        store.save(project, of_data(full() | {"title": "Other"}, "x"), replace=True)
    assert path.read_bytes() == before
    assert [p.name for p in path.parent.iterdir()] == ["scenario.yaml"]


@pytest.mark.parametrize("name", ["../x", "a/b", "A", "", "x" * 80, "a\n"])
def test_an_id_is_no_path(name: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="is no id"):
        store.path_of(Project(tmp_path), name)


def test_what_is_not_there_names_what_is(tmp_path: Path) -> None:
    project = Project(tmp_path)
    with pytest.raises(ConfigError, match="none yet"):
        store.load(project, "ghost")
    with pytest.raises(ConfigError) as caught:
        find(project, "ghost")
    assert "public-bucket" in caught.value.advice
    assert find(project, "public-bucket").id == "public-bucket"
