"""Reads from an HTTP request which AWS call it is: service, operation, account and Region.

Imports moto, so only the emulator's own process may import this module.
"""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from botocore.loaders import Loader
from botocore.parsers import RpcV2CBORParser
from botocore.utils import parse_timestamp
from moto.core.model import OperationModel
from moto.core.parse import PROTOCOL_PARSERS
from moto.core.request import Request
from moto.core.routing import NotFound, get_service_router
from moto.core.utils import get_service_model
from moto.iam.models import get_account_id_from

CBOR = "smithy-rpc-v2-cbor"
CBOR_PATH = re.compile(r"/service/([^/]+)/operation/(\w+)/?")
CREDENTIAL = re.compile(r"Credential=([^,\s]+)")
LABEL = re.compile(r"\{[^}]*\}")


@dataclass(frozen=True)
class Service:
    """What the start of a service's model says about how to call it."""

    name: str
    api_version: str
    protocols: tuple[str, ...]
    target_prefix: str | None = None
    query_compatible: bool = False


@dataclass(frozen=True)
class Call:
    """One AWS call; its parameters are parsed when somebody asks for them."""

    service: str
    operation: str
    account: str
    region: str
    protocol: str
    query_compatible: bool = False
    request: Request | None = field(default=None, repr=False, compare=False)
    path_params: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)

    @property
    def model(self) -> OperationModel:
        """The operation as moto's view of botocore's model has it."""
        return get_service_model(self.service).operation_model(self.operation)

    @cached_property
    def params(self) -> Mapping[str, Any]:
        """The parameters under AWS's member names, typed as the input shape says."""
        if self.request is None:
            return {}
        if self.protocol == CBOR:
            return _cbor(self.request.get_data())
        parser = PROTOCOL_PARSERS[self.protocol](self.model, timestamp_parser=parse_timestamp)
        parsed = parser.parse(
            {
                "method": self.request.method,
                "values": self.request.values,
                "headers": self.request.headers,
                "body": self.request.data,
                "url_path": self.request.path,
                "url_params": self.path_params,
            }
        )
        return {name: value for name, value in (parsed or {}).items() if value is not None}


def identify(request: Request) -> Call | None:
    """The call that a signed request makes; None when it is not one that botocore knows."""
    scope = _scope(request)
    if scope is None:
        return None
    access_key, region, signing_name = scope
    express = signing_name == "s3express"
    name = "s3" if express else signing_name.lower()
    services = services_by_signing_name().get(name, ())
    found = _by_name(request, services) or _by_path(request, services)
    if found is None:
        return None
    service, operation, protocol, path_params = found
    if express and operation == "ListBuckets":
        operation = "ListDirectoryBuckets"  # the same request, told apart by its signature
    account = request.headers.get("x-moto-account-id") or get_account_id_from(access_key)
    return Call(
        service.name,
        operation,
        account,
        region,
        protocol,
        service.query_compatible,
        request,
        path_params,
    )


Found = tuple[Service, str, str, Mapping[str, Any]]


def _scope(request: Request) -> tuple[str, str, str] | None:
    """Access key, Region and signing name, from the header or a presigned URL."""
    match = CREDENTIAL.search(request.headers.get("Authorization", ""))
    parts = (match[1] if match else request.args.get("X-Amz-Credential", "")).split("/")
    if len(parts) == 5:
        return parts[0], parts[2], parts[3]
    if len(parts) == 4:  # SigV4A is signed for a set of Regions, named in a header.
        regions = request.headers.get("X-Amz-Region-Set", "us-east-1")
        return parts[0], regions.split(",")[0], parts[2]
    return None


def _by_name(request: Request, services: tuple[Service, ...]) -> Found | None:
    """The protocols whose requests spell the operation: json, query, ec2 and CBOR."""
    prefix, _, operation = request.headers.get("X-Amz-Target", "").rpartition(".")
    for service in services:
        if operation and service.target_prefix == prefix and _knows(service, operation):
            return service, operation, "json", {}
    match = CBOR_PATH.fullmatch(request.path)
    if match and request.headers.get("smithy-protocol") == "rpc-v2-cbor":
        rpc = [service for service in services if CBOR in service.protocols]
        rpc.sort(key=lambda service: service.target_prefix != match[1])
        return (rpc[0], match[2], CBOR, {}) if rpc and _knows(rpc[0], match[2]) else None
    action, version = request.values.get("Action"), request.values.get("Version")
    for service in services if action else ():
        for protocol in ("ec2", "query"):
            right = protocol in service.protocols and service.api_version == version
            if right and _knows(service, str(action)):
                return service, str(action), protocol, {}
    return None


def _knows(service: Service, operation: str) -> bool:
    return operation in get_service_model(service.name).operation_names


def _by_path(request: Request, services: tuple[Service, ...]) -> Found | None:
    """The REST protocols: of all paths that match, the one with the most literal text.

    S3 and S3 Control, or the two API Gateways, sign with one name; `/{Bucket}/{Key+}` would
    swallow every path of the other.
    """
    best: tuple[int, Found] | None = None
    for service in services:
        protocol = next((p for p in service.protocols if p.startswith("rest-")), None)
        if protocol is None:
            continue
        try:
            operation, path_params = get_service_router(service.name).match(request)
        except (NotFound, NotImplementedError):
            continue
        literal = len(LABEL.sub("", operation.http_trait.path))
        if best is None or literal > best[0]:
            best = literal, (service, str(operation.name), protocol, path_params)
    return best[1] if best else None


@cache
def services_by_signing_name() -> Mapping[str, tuple[Service, ...]]:
    """The services by the name they sign with, a service of that very name first.

    Only the first 4 kB of each model are read: 0.2 s for all of them, against 4.6 s for the whole
    (measured 2026-11-21 over 472 models).
    """
    found: dict[str, list[Service]] = {}
    for folder in sorted(Path(Loader.BUILTIN_DATA_PATH).iterdir()):
        models = sorted(folder.glob("*/service-2.json*")) if folder.is_dir() else []
        if not models:
            continue
        metadata = _metadata(models[-1])
        signing_name = metadata.get("signingName") or metadata["endpointPrefix"]
        service = Service(
            folder.name,
            metadata["apiVersion"],
            tuple(metadata.get("protocols") or [metadata["protocol"]]),
            metadata.get("targetPrefix"),
            "awsQueryCompatible" in metadata,
        )
        found.setdefault(signing_name.lower(), []).append(service)
    return {
        name: tuple(sorted(services, key=lambda service: service.name != name))
        for name, services in found.items()
    }


def _metadata(model: Path) -> dict[str, Any]:
    start = _read(model, 4096)
    rest = start.partition('"metadata":')[2]
    try:
        metadata, _ = json.JSONDecoder().raw_decode(rest.lstrip())
    except json.JSONDecodeError:
        metadata = json.loads(_read(model, -1))["metadata"]
    return dict(metadata)


def _read(model: Path, size: int) -> str:
    with gzip.open(model) if model.suffix == ".gz" else model.open("rb") as file:
        return file.read(size).decode("utf-8", "ignore")


def _cbor(body: bytes) -> Mapping[str, Any]:
    if not body:
        return {}
    parser = RpcV2CBORParser()
    parsed = parser.parse_data_item(parser.get_peekable_stream_from_bytes(body))
    return dict(parsed)
