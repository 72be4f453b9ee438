"""The WSGI application in front of moto: rules, then fixtures, then moto itself.

A recording or replay belongs in `Layer.answers`: a function from a call to an answer or None.
"""

from __future__ import annotations

import io
import json
import traceback
from collections.abc import Callable, Iterable
from datetime import datetime
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from moto.core.request import Request
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.test import run_wsgi_app

from sharedline.demo import wire
from sharedline.demo.calls import Call, identify
from sharedline.demo.fixtures import Failure, Fixtures, load
from sharedline.demo.rules import Deny, Rules, Throttle
from sharedline.demo.wire import Answer
from sharedline.errors import Error

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

CONTROL = "/sharedline/"
LISTINGS = {
    b"<ListBucketResult": ("ListObjects", "ListObjectsV2"),
    b"<ListAllMyBucketsResult": ("ListBuckets",),
}
UNROUTED = (404, 405, 501)
AWS_BODIES = (b"{", b"<?xml", b"<Error", b"<Response")


def moto_application() -> WSGIApplication:
    """The application of moto's server, made to say which services it lacks."""

    def create(service: Any) -> Any:
        if service is None:
            raise NotImplementedError("the service")
        return create_backend_app(service)

    application: WSGIApplication = DomainDispatcherApplication(create)
    return application


class Layer:
    """Answers what it can and passes everything else on."""

    def __init__(
        self, inner: WSGIApplication, fixtures: Fixtures, rules: Rules, now: datetime
    ) -> None:
        self.inner = inner
        self.fixtures = fixtures
        self.rules = rules
        self.now = now
        self.answers: list[Callable[[Call], Answer | None]] = [self.refuse, self.from_fixture]

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        path = environ.get("PATH_INFO", "")
        if path.startswith("/moto-api"):
            return self.inner(environ, start)
        body = _body(environ)
        if path.startswith(CONTROL):
            return _send(self.control(path, body), environ, start)
        request = Request({**environ, "wsgi.input": io.BytesIO(body)})
        call = identify(request)
        if call is not None:
            for answer in self.answers:
                found = answer(call)
                if found is not None:
                    return _send(found, environ, start)
            body += _owners_as_filter(call)
        environ["wsgi.input"] = io.BytesIO(body)
        environ["CONTENT_LENGTH"] = str(len(body))
        return _send(self.from_moto(request, call, environ), environ, start)

    def refuse(self, call: Call) -> Answer | None:
        """The error that a rule demands."""
        problem = self.rules.failure(call)
        return wire.failure_of(call, problem) if problem else None

    def from_fixture(self, call: Call) -> Answer | None:
        """The answer of the first case that fits."""
        for case in self.fixtures.find(call.service, call.operation, call.account, call.region):
            found = case.answer(call.params, call.account, call.region)
            if isinstance(found, Failure):
                return wire.failure_of(call, found)
            if found is not None:
                return wire.success(call, found)
        return None

    def from_moto(self, request: Request, call: Call | None, environ: WSGIEnvironment) -> Answer:
        """The answer of moto, with what it does not know as a proper AWS error.

        A bare 500 makes clients retry for minutes, so nothing here answers one.
        """
        try:
            chunks, status, headers = run_wsgi_app(self.inner, environ, buffered=True)
        except NotImplementedError:
            return _unknown(request, call)
        except Exception as error:  # noqa: BLE001 - the edge of a server that is not ours
            traceback.print_exc()
            problem = f"The emulator failed with {type(error).__name__}: {error}"
            return _failure(Failure("InternalFailure", problem), request, call)
        body = b"".join(chunks)
        code = int(status.split()[0])
        if _is_unrouted(request, code, body) or _is_other_listing(call, body):
            return _unknown(request, call)
        return Answer(code, body, dict(headers))

    def control(self, path: str, body: bytes) -> Answer:
        """Change rules or fixtures while running: an estate is made first and denied later."""
        data = json.loads(body)
        try:
            if path == f"{CONTROL}rules":
                self.rules = rules_of(data)
            elif path == f"{CONTROL}fixtures":
                folder = data["folder"]
                self.fixtures = load(Path(folder) if folder else None, self.now)
            else:
                return Answer(404, b"{}")
        except Error as error:
            text = json.dumps({"message": error.message, "advice": error.advice})
            return Answer(400, text.encode(), {"Content-Type": "application/json"})
        return Answer(200, b"{}", {"Content-Type": "application/json"})


def rules_of(data: dict[str, Any]) -> Rules:
    """The rules as they travel between the two processes."""
    return Rules(
        [Deny(**item) for item in data["deny"]], [Throttle(**item) for item in data["throttle"]]
    )


def _is_unrouted(request: Request, code: int, body: bytes) -> bool:
    """An error page of the web framework: no AWS error has such a body."""
    if code not in UNROUTED or request.method == "HEAD":
        return False
    return not body.lstrip().startswith(AWS_BODIES)


def _is_other_listing(call: Call | None, body: bytes) -> bool:
    """Whether S3 sent another list: for a subresource that moto lacks (`?abac`) it lists keys."""
    if call is None or call.service != "s3":
        return False
    start = body[:200]
    return any(root in start and call.operation not in own for root, own in LISTINGS.items())


def _unknown(request: Request, call: Call | None) -> Answer:
    name = f"{call.service}:{call.operation}" if call else f"{request.method} {request.path}"
    problem = f"The emulator does not know {name}, and no fixture answers it."
    return _failure(Failure("UnknownOperationException", problem), request, call)


def _failure(problem: Failure, request: Request, call: Call | None) -> Answer:
    if call is None:
        return wire.failure(problem, *wire.guess_protocol(request))
    return wire.failure_of(call, problem)


def _owners_as_filter(call: Call) -> bytes:
    """What to add to DescribeSnapshots: moto reads its filters and overlooks its owners.

    Without it each account would seem to own the snapshots of the public images.
    """
    if (call.service, call.operation) != ("ec2", "DescribeSnapshots"):
        return b""
    owners = call.params.get("OwnerIds", [])
    if not owners or "amazon" in owners:
        return b""
    number = len(call.params.get("Filters", [])) + 1
    pairs = [(f"Filter.{number}.Name", "owner-id")]
    for i, owner in enumerate(owners, 1):
        pairs.append((f"Filter.{number}.Value.{i}", call.account if owner == "self" else owner))
    return b"&" + urlencode(pairs).encode()


def _body(environ: WSGIEnvironment) -> bytes:
    stream = environ["wsgi.input"]
    if environ.get("wsgi.input_terminated"):
        return bytes(stream.read())
    return bytes(stream.read(int(environ.get("CONTENT_LENGTH") or 0)))


def _send(answer: Answer, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
    empty = environ["REQUEST_METHOD"] == "HEAD"
    headers = {name.lower(): value for name, value in answer.headers.items()}
    headers.setdefault("content-length", str(len(answer.body)))
    start(f"{answer.status} {_phrase(answer.status)}", list(headers.items()))
    return [b"" if empty else answer.body]


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Unknown"
