"""What all tests share: one Spark for the whole run, and the marks."""

from __future__ import annotations

import importlib.util
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import hypothesis
import pytest

from tests import databases

if TYPE_CHECKING:
    from sharedline.inventory.spark import Spark


#: The same examples in each run, so that a failure is the change's; `--hypothesis-profile=seek`
#: looks for others.
hypothesis.settings.register_profile("same", derandomize=True, deadline=None)
hypothesis.settings.register_profile("seek", deadline=None, max_examples=1_000)
hypothesis.settings.load_profile("same")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "spark: runs on Spark in local mode; needs Java and pyspark")


def _missing() -> str:
    if importlib.util.find_spec("pyspark") is None:
        return "pyspark is not installed"
    home = os.environ.get("JAVA_HOME")
    if shutil.which("java") or (home and (Path(home) / "bin" / "java").exists()):
        return ""
    return "there is no Java runtime"


@pytest.fixture(scope="session")
def spark() -> Iterator[Spark]:
    """A Spark tuned for thousands of tiny queries; what they answer stays the same."""
    if missing := _missing():
        pytest.skip(missing)
    from sharedline.inventory.spark import Spark

    engine = Spark(
        "local[2]",
        settings={
            # Compiling takes longer than running here: 61 CPU-seconds became 28 for 182 cases
            # (measured on two cores, 2026-11-21).
            "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
            "spark.sql.codegen.wholeStage": "false",
            "spark.sql.codegen.factoryMode": "NO_CODEGEN",
            "spark.sql.adaptive.enabled": "false",
            "spark.sql.autoBroadcastJoinThreshold": "-1",
            "spark.sql.shuffle.partitions": "1",
        },
    )
    yield engine
    engine.close()


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """The URL of a PostgreSQL server of this run's own."""
    with databases.postgresql() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty database of each kind."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'state.db'}"
        return
    with databases.fresh(request.getfixturevalue("postgresql")) as url:
        yield url
