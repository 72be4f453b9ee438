"""Each view prints what its golden file says; `python -m tests.cli.golden` writes them anew."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.cli.golden import FOLDER, VIEWS, WIDTHS, build, shown


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("golden")
    build(folder)
    return folder


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("view", VIEWS)
def test_a_view(project: Path, view: str, width: int) -> None:
    text = shown(project, VIEWS[view], width)
    assert text == (FOLDER / f"{view}-{width}.txt").read_text("utf-8")


def test_tables_fit_their_terminal(project: Path) -> None:
    for view in ("matrix", "matrix-service", "gaps", "findings", "diff", "tables", "permissions"):
        for width in WIDTHS:
            lines = shown(project, VIEWS[view], width).splitlines()[1:]
            assert [line for line in lines if len(line) > width] == [], view


def test_no_file_without_a_view() -> None:
    known = {f"{view}-{width}.txt" for view in VIEWS for width in WIDTHS}
    assert {path.name for path in FOLDER.iterdir()} == known
