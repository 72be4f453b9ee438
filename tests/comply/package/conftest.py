"""The package of `made`, built once."""

from __future__ import annotations

import pytest
from tests.comply.package import made

from sharedline.comply.package.build import Built, build


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """The package, with an evidence log."""
    folder = tmp_path_factory.mktemp("package")
    return build(made.inputs(evidence=made.log(folder / "log")), folder / "audit")
