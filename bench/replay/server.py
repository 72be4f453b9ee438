"""An AWS endpoint that answers from memory after a set latency, and counts; or records another's.

One asyncio process; requests are told apart by everything that is signed for except the signature:
access key, Region, service, method, path, target, body. The first line of standard input is the
configuration in JSON, the first of standard output the port.
"""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import json
import re
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bench.replay import large

SCOPE = re.compile(rb"Credential=([^/]+)/\d+/([^/]+)/([^/]+)/")
ACTION = re.compile(rb"(?:^|&)Action=(\w+)")
END = b"\r\n\r\n"
EXPIRATION = re.compile(rb"<Expiration>[^<]*</Expiration>")
KEPT_HEADERS = (b"content-type", b"x-amzn-errortype", b"x-amzn-query-error", b"smithy-protocol",
                b"x-amz-bucket-region")


@dataclass
class Request:
    """One request: its headers by lower-case name, and what it asks for."""

    method: bytes
    path: bytes
    headers: dict[bytes, bytes]
    body: bytes
    raw: bytes
    account: str = ""
    region: str = ""
    service: str = ""
    operation: str = ""
    key: str = ""

    def __post_init__(self) -> None:
        match = SCOPE.search(self.headers.get(b"authorization", b""))
        if match:
            self.account, self.region, self.service = (g.decode() for g in match.groups())
        target = self.headers.get(b"x-amz-target", b"")
        action = ACTION.search(self.body) if self.body else None
        if target:
            self.operation = target.rpartition(b".")[2].decode()
        elif action:
            self.operation = action.group(1).decode()
        else:
            self.operation = f"{self.method.decode()} {self.path.decode()}"
        account = self.headers.get(b"x-amz-account-id", b"")
        place = f"{self.account}|{self.region}|{self.service}|".encode()
        parts = (place, self.method, self.path, target, account, self.body)
        self.key = hashlib.blake2b(b"\n".join(parts), digest_size=16).hexdigest()


@dataclass
class Stats:
    """What was asked: the bench compares it with what had to be asked."""

    calls: int = 0
    now: int = 0
    peak: int = 0
    throttled: int = 0
    misses: Counter[str] = field(default_factory=Counter)
    answered: Counter[str] = field(default_factory=Counter)
    names: dict[str, str] = field(default_factory=dict)
    services: Counter[str] = field(default_factory=Counter)

    def as_json(self) -> dict[str, Any]:
        twice = {self.names[k]: n for k, n in self.answered.items() if n > 1}
        return {
            "calls": self.calls,
            "peak": self.peak,
            "throttled": self.throttled,
            "distinct": len(self.answered),
            "twice": dict(sorted(twice.items(), key=lambda x: -x[1])),
            "misses": dict(self.misses.most_common(20)),
            "missed": self.misses.total(),
            "services": dict(self.services.most_common()),
        }


class Bucket:
    """AWS's own limit: calls a second for an account x Region x service, and a burst."""

    def __init__(self, rate: float, burst: float) -> None:
        self.rate, self.burst, self.tokens, self.at = rate, burst, burst, time.monotonic()

    def take(self) -> bool:
        now = time.monotonic()
        self.tokens = min(self.burst, self.tokens + (now - self.at) * self.rate)
        self.at = now
        if self.tokens < 1:
            return False
        self.tokens -= 1
        return True


class Replay:
    """Answers from a recording."""

    def __init__(self, config: dict[str, Any]) -> None:
        self.latency = float(config.get("latency", 0))
        self.limit: list[float] | None = config.get("limit")
        self.fixed: dict[str, tuple[int, str]] = config.get("fixed", {})
        #: So many resources are there beside those of the recording.
        self.large = int(config.get("large", 0))
        self.buckets: dict[tuple[str, str, str], Bucket] = {}
        self.stats = Stats()
        self.answers: dict[str, bytes] = {}
        for path in config["recordings"]:
            with gzip.open(path, "rt", encoding="utf-8") as stream:
                for line in stream:
                    key, status, headers, body = json.loads(line)
                    self.answers[key] = response(status, headers, body.encode("latin-1"))

    async def answer(self, request: Request) -> bytes:
        stats = self.stats
        stats.calls += 1
        stats.now += 1
        stats.peak = max(stats.peak, stats.now)
        stats.services[request.service] += 1
        if self.latency:
            await asyncio.sleep(self.latency)
        stats.now -= 1
        if self.limit and not self._allowed(request):
            stats.throttled += 1
            return throttled(request)
        name = f"{request.account} {request.region} {request.service}:{request.operation}"
        stats.names.setdefault(request.key, name)
        stats.answered[request.key] += 1
        if request.operation in self.fixed:
            status, text = self.fixed[request.operation]
            return response(status, {"content-type": "text/xml"}, text.encode())
        if self.large and request.region == large.REGION and request.operation in large.KINDS:
            text = large.page(request.operation, request.body, self.large)
            return response(200, {"content-type": "text/xml"}, text.encode())
        found = self.answers.get(request.key)
        if found is None:
            stats.misses[f"{request.service}:{request.operation}"] += 1
            return failure(request, 400, "UnknownOperationException", "It was not recorded.")
        return _fresh(found) if request.operation == "AssumeRole" else found

    def _allowed(self, request: Request) -> bool:
        assert self.limit is not None
        key = (request.account, request.region, request.service)
        if key not in self.buckets:
            self.buckets[key] = Bucket(*self.limit)
        return self.buckets[key].take()


class Record(Replay):
    """Passes requests on, and keeps the answers."""

    def __init__(self, config: dict[str, Any]) -> None:
        super().__init__({"recordings": []})
        self.host, self.port = config["host"], int(config["upstream"])
        self.kept: dict[str, tuple[int, dict[str, str], str]] = {}
        self.into = Path(config["into"])
        self.gate = asyncio.Semaphore(8)

    async def answer(self, request: Request) -> bytes:
        if request.operation == "AssumeRole" and request.key in self.kept:
            # Each process asks; the credentials of all must be the same to be found again.
            status, headers, text = self.kept[request.key]
            return response(status, headers, text.encode("latin-1"))
        async with self.gate:
            status, headers, body = await self._ask(request)
        self.stats.calls += 1
        self.kept[request.key] = (status, headers, body.decode("latin-1"))
        return response(status, headers, body)

    async def _ask(self, request: Request) -> tuple[int, dict[str, str], bytes]:
        reader, writer = await asyncio.open_connection(self.host, self.port)
        try:
            raw = re.sub(rb"(?i)\r\nconnection:[^\r]*", b"", request.raw)
            head, _, body = raw.partition(b"\r\n\r\n")
            writer.write(head + b"\r\nConnection: close\r\n\r\n" + body)
            answer = await reader.read()
        finally:
            writer.close()
        head, _, body = answer.partition(b"\r\n\r\n")
        first, *lines = head.split(b"\r\n")
        pairs = [line.split(b":", 1) for line in lines]
        found = {k.strip().lower(): v.strip() for k, v in pairs}
        kept = {k.decode(): found[k].decode() for k in KEPT_HEADERS if k in found}
        return int(first.split()[1]), kept, body

    def save(self) -> None:
        with gzip.open(self.into, "wt", encoding="utf-8", compresslevel=6) as stream:
            for key, (status, headers, body) in self.kept.items():
                stream.write(json.dumps([key, status, headers, body]) + "\n")


def _fresh(answer: bytes) -> bytes:
    """The answer of AssumeRole with credentials that have not expired."""
    end = f"{datetime.now(UTC) + timedelta(hours=1):%Y-%m-%dT%H:%M:%SZ}".encode()
    body = EXPIRATION.sub(b"<Expiration>" + end + b"</Expiration>", answer.partition(END)[2])
    return response(200, {"content-type": "text/xml"}, body)


def response(status: int, headers: dict[str, str], body: bytes) -> bytes:
    lines = [f"HTTP/1.1 {status} X", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1") + body


def failure(request: Request, status: int, code: str, message: str) -> bytes:
    """An AWS error in the request's own protocol."""
    if request.headers.get(b"smithy-protocol") == b"rpc-v2-cbor":
        text = code.encode()
        body = b"\xa1\x66__type\x78" + bytes([len(text)]) + text
        return response(status, {"content-type": "application/cbor",
                                 "smithy-protocol": "rpc-v2-cbor"}, body)
    query = request.body.startswith(b"Action=")
    if query or request.service in ("s3", "route53", "cloudfront"):
        inner = f"<Error><Code>{code}</Code><Message>{message}</Message></Error>"
        if request.service == "ec2":
            inner = f"<Response><Errors>{inner}</Errors><RequestID>x</RequestID></Response>"
        elif request.service != "s3":
            inner = f"<ErrorResponse>{inner}<RequestId>x</RequestId></ErrorResponse>"
        return response(status, {"content-type": "text/xml"}, inner.encode())
    body = json.dumps({"__type": code, "message": message}).encode()
    return response(status, {"content-type": "application/x-amz-json-1.1",
                             "x-amzn-errortype": code}, body)


def throttled(request: Request) -> bytes:
    if request.service == "s3":
        return failure(request, 503, "SlowDown", "Please reduce your request rate.")
    code = "RequestLimitExceeded" if request.service == "ec2" else "ThrottlingException"
    return failure(request, 503 if request.service == "ec2" else 400, code, "Rate exceeded")


class Connection(asyncio.Protocol):
    """HTTP/1.1 as AWS's clients speak it: one request at a time on a kept connection."""

    def __init__(self, app: Replay) -> None:
        self.app, self.buffer = app, bytearray()
        self.tasks: set[asyncio.Task[None]] = set()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        end = self.buffer.find(b"\r\n\r\n")
        if end < 0:
            return
        lines = bytes(self.buffer[:end]).split(b"\r\n")
        headers = {k.lower(): v.strip() for k, _, v in (x.partition(b":") for x in lines[1:])}
        size = end + 4 + int(headers.get(b"content-length", b"0"))
        if len(self.buffer) < size:
            return
        raw = bytes(self.buffer[:size])
        del self.buffer[:size]
        method, path, _ = lines[0].split(b" ", 2)
        task = asyncio.ensure_future(self.reply(Request(method, path, headers, raw[end + 4 :], raw)))
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def reply(self, request: Request) -> None:
        if request.path.startswith(b"/bench/"):
            answer = self.control(request)
        else:
            answer = await self.app.answer(request)
        if request.method == b"HEAD":
            answer = answer.partition(b"\r\n\r\n")[0] + b"\r\n\r\n"
        self.transport.write(answer)

    def control(self, request: Request) -> bytes:
        if request.path == b"/bench/save" and isinstance(self.app, Record):
            self.app.save()
        if request.path == b"/bench/reset":
            self.app.stats = Stats()
            self.app.buckets = {}
        return response(200, {}, json.dumps(self.app.stats.as_json()).encode())


async def serve(config: dict[str, Any]) -> None:
    app = Record(config) if config.get("into") else Replay(config)
    server = await asyncio.get_running_loop().create_server(
        lambda: Connection(app), "127.0.0.1", 0, backlog=1024
    )
    print(server.sockets[0].getsockname()[1], flush=True)
    closed = asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    await closed  # the parent ended, or closed the pipe


if __name__ == "__main__":
    asyncio.run(serve(json.loads(sys.stdin.readline())))
