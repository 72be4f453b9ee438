"""Writes answers and errors as each of AWS's protocols does.

Imports moto, so only the emulator's own process may import this module.
"""

from __future__ import annotations

import json
import struct
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from xml.sax.saxutils import escape

from moto.core.request import Request
from moto.core.serialize import SerializationContext, get_serializer_class

from sharedline.demo.calls import CBOR, Call
from sharedline.demo.fixtures import Failure

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Answer:
    """An HTTP response."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


def success(call: Call, output: Mapping[str, Any]) -> Answer:
    """The output of an operation."""
    request_id = str(uuid.uuid4())
    if call.protocol == CBOR:
        return Answer(200, cbor(output), _cbor_headers(request_id))
    serializer = get_serializer_class(call.service, call.protocol)
    response = serializer(call.model, SerializationContext(request_id)).serialize(output)
    body = response["body"]
    headers = {**response["headers"], "x-amzn-requestid": request_id}
    return Answer(
        response["status_code"], body.encode() if isinstance(body, str) else body, headers
    )


def failure(
    problem: Failure, protocol: str, service: str = "", *, query_compatible: bool = False
) -> Answer:
    """An error, in the form that botocore reads for this protocol."""
    request_id = str(uuid.uuid4())
    if protocol == CBOR:
        body = cbor({"__type": problem.code, "message": problem.message})
        return Answer(problem.status, body, _cbor_headers(request_id))
    if protocol in ("json", "rest-json"):
        text = json.dumps({"__type": problem.code, "message": problem.message})
        headers = {
            "Content-Type": "application/x-amz-json-1.1",
            "x-amzn-errortype": problem.code,
            "x-amzn-requestid": request_id,
        }
        if query_compatible:
            headers["x-amzn-query-error"] = f"{problem.code};Sender"
        return Answer(problem.status, text.encode(), headers)
    text = _xml_error(problem, protocol, service, request_id)
    return Answer(
        problem.status, text.encode(), {"Content-Type": "text/xml", "x-amzn-requestid": request_id}
    )


def failure_of(call: Call, problem: Failure) -> Answer:
    """An error as the answer to this call."""
    return failure(problem, call.protocol, call.service, query_compatible=call.query_compatible)


def _xml_error(problem: Failure, protocol: str, service: str, request_id: str) -> str:
    inner = f"<Code>{escape(problem.code)}</Code><Message>{escape(problem.message)}</Message>"
    if protocol == "ec2":
        return (
            f"<Response><Errors><Error>{inner}</Error></Errors>"
            f"<RequestID>{request_id}</RequestID></Response>"
        )
    if service == "s3":
        return f"<Error>{inner}<RequestId>{request_id}</RequestId></Error>"
    return (
        f"<ErrorResponse><Error><Type>Sender</Type>{inner}</Error>"
        f"<RequestId>{request_id}</RequestId></ErrorResponse>"
    )


def guess_protocol(request: Request) -> tuple[str, str]:
    """Protocol and service of a request whose operation botocore does not know."""
    if request.headers.get("smithy-protocol") == "rpc-v2-cbor":
        return CBOR, ""
    if request.headers.get("X-Amz-Target"):
        return "json", ""
    authorization = request.headers.get("Authorization", "")
    if (request.content_type or "").startswith("application/x-www-form-urlencoded"):
        return ("ec2" if "/ec2/" in authorization else "query"), ""
    for service in ("s3", "cloudfront", "route53"):
        if f"/{service}/" in authorization:
            return "rest-xml", service
    return "rest-json", ""


def _cbor_headers(request_id: str) -> dict[str, str]:
    return {
        "Content-Type": "application/cbor",
        "smithy-protocol": "rpc-v2-cbor",
        "x-amzn-requestid": request_id,
    }


def cbor(value: Any) -> bytes:
    """A value as CBOR (RFC 8949); moto has no serializer for AWS's newest protocol."""
    if value is None or isinstance(value, bool):
        return {None: b"\xf6", True: b"\xf5", False: b"\xf4"}[value]
    if isinstance(value, int):
        return _head(0, value) if value >= 0 else _head(1, -1 - value)
    if isinstance(value, float):
        return b"\xfb" + struct.pack(">d", value)
    if isinstance(value, bytes):
        return _head(2, len(value)) + value
    if isinstance(value, str):
        encoded = value.encode()
        return _head(3, len(encoded)) + encoded
    if isinstance(value, datetime):
        return _head(6, 1) + cbor((value - EPOCH).total_seconds())
    if isinstance(value, list):
        return _head(4, len(value)) + b"".join(map(cbor, value))
    if isinstance(value, Mapping):
        pairs = (cbor(key) + cbor(item) for key, item in value.items())
        return _head(5, len(value)) + b"".join(pairs)
    raise TypeError(f"CBOR has no {type(value).__name__}")


def _head(major: int, number: int) -> bytes:
    if number < 24:
        return bytes([major << 5 | number])
    for extra, (limit, form) in enumerate(((8, ">B"), (16, ">H"), (32, ">I"), (64, ">Q"))):
        if number < 1 << limit:
            return bytes([major << 5 | 24 + extra]) + struct.pack(form, number)
    raise OverflowError("CBOR integers end at 64 bits")
