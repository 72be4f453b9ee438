"""CBOR as botocore's own parser reads it."""

from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.parsers import RpcV2CBORParser

from sharedline.demo.wire import cbor

VALUES: list[Any] = [
    0, 23, 24, 255, 256, 65_536, 2**40, -1, -500, 1.5, True, False, None, "", "é" * 300, b"\x00",
    [1, ["a"]], {"a": {"b": []}},
]  # fmt: skip


@pytest.mark.parametrize("value", VALUES)
def test_cbor_round_trip(value: Any) -> None:
    parser = RpcV2CBORParser()
    read = parser.parse_data_item(parser.get_peekable_stream_from_bytes(cbor(value)))
    assert read == value
    assert type(read) is type(value)


def test_cbor_time() -> None:
    parser = RpcV2CBORParser()
    moment = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
    assert parser.parse_data_item(parser.get_peekable_stream_from_bytes(cbor(moment))) == moment


def test_cbor_refuses_what_it_cannot_say() -> None:
    with pytest.raises(TypeError, match="set"):
        cbor({1})
