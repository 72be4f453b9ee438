"""One scanned estate for the tests of formats."""

from __future__ import annotations

import pytest
from tests.formats.estate import shared

from sharedline.results import Results


@pytest.fixture(scope="session")
def results(tmp_path_factory: pytest.TempPathFactory) -> Results:
    return shared(tmp_path_factory.getbasetemp())
