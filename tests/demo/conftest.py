"""One emulator for all tests of this folder that do not change it."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config

from sharedline.demo.emulator import Emulator, start

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
ESTATE = Path(__file__).parent / "estate"

Client = Callable[..., Any]


@pytest.fixture(scope="session")
def running() -> Iterator[Emulator]:
    with start(ESTATE, clock=NOW, seed=7) as emulator:
        yield emulator


@pytest.fixture
def emulator(running: Emulator) -> Iterator[Emulator]:
    """The shared emulator, put back as it was whatever a test did to it."""
    yield running
    running.rules()
    running.fixtures(ESTATE)
    running.reset()


def client_of(
    url: str, service: str, region: str = "us-east-1", attempts: int = 1, **credentials: str
) -> Any:
    keys: dict[str, Any] = {
        "aws_access_key_id": "AKIAIOSFODNN7EXAMPLE",
        "aws_secret_access_key": "secret",
    }
    # One attempt: a test that a retry would repair must fail.
    config = Config(retries={"total_max_attempts": attempts, "mode": "standard"})
    session: Any = boto3.Session(region_name=region, **(keys | credentials))
    client = session.client(service, endpoint_url=url, config=config)
    if service == "s3control":
        client.meta.events.register("before-sign.s3-control", _without_account_in_host)
    return client


def _without_account_in_host(request: Any, **_: Any) -> None:
    """botocore puts the account before any host, also before an IP address."""
    account = request.headers["x-amz-account-id"]
    request.url = request.url.replace(f"//{account}.", "//", 1)


@pytest.fixture
def connect() -> Client:
    """Makes clients of any emulator, by its URL."""
    return client_of


@pytest.fixture
def client(emulator: Emulator) -> Client:
    return lambda service, *args, **more: client_of(emulator.url, service, *args, **more)
