"""One scanned estate for the tests of formats and of the report."""

from __future__ import annotations

import importlib.util
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from sharedline.results import Results


def load(path: Path) -> Any:
    """A module beside the tests, which are no package."""
    spec = importlib.util.spec_from_file_location(f"beside_{path.stem}", path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look themselves up there
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def estate() -> Any:
    return load(Path(__file__).parents[1] / "formats" / "estate.py")


@pytest.fixture(scope="session")
def results(estate: Any, tmp_path_factory: pytest.TempPathFactory) -> Results:
    os.environ.update(AWS_ACCESS_KEY_ID="testing", AWS_SECRET_ACCESS_KEY="testing")
    found: Results = estate.shared(tmp_path_factory.getbasetemp())
    return found


@pytest.fixture(scope="session")
def page_of() -> Any:
    """Parses a page."""
    return load(Path(__file__).parent / "page.py").Page
