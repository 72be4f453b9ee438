"""A project scanned twice, and a server that notices go to."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.listener import Listener, listening
from tests.scanned import twice


@pytest.fixture(scope="module")
def scanned(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Two buckets of team `data`: one was mended between the scans, eight days apart."""
    folder = tmp_path_factory.mktemp("scanned")
    with twice(folder, (10, 18)):
        yield folder


@pytest.fixture
def folder(scanned: Path, tmp_path: Path) -> Path:
    """A copy that a test may change."""
    return Path(shutil.copytree(scanned, tmp_path / "project"))


@pytest.fixture
def listener() -> Iterator[Listener]:
    """A server that keeps what it is sent."""
    with listening() as kept:
        yield kept
