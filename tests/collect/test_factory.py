"""Clients made cheaply are botocore's own: same endpoints, signatures, handlers, trust."""

from __future__ import annotations

import http.server
import ssl
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import botocore.args
import botocore.client
import botocore.compat
import botocore.endpoint_provider
import botocore.exceptions
import botocore.hooks
import botocore.regions
import botocore.session
import pytest
from botocore.config import Config
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from sharedline.collect.catalogue import shipped
from sharedline.collect.clients import Access, Caller
from sharedline.collect.factory import Factory
from sharedline.collect.run import operations
from sharedline.collect.table import Call, Ref

REGIONS = ("us-east-1", "eu-central-1", "ap-southeast-3", "cn-north-1", "us-gov-west-1")
CONFIG = Config(retries={"mode": "adaptive", "total_max_attempts": 1})


class CaughtError(Exception):
    """Holds the request that would have been sent."""


def session() -> Any:
    made = botocore.session.Session()
    made.set_credentials("AKIAIOSFODNN7EXAMPLE", "secret")
    return made


def simple_calls() -> dict[str, Call]:
    """For each service one call of the tables that needs nothing of an earlier answer."""
    found: dict[str, Call] = {}
    for table in shipped().values():
        for call in table.calls():
            if not call.batch and not any(isinstance(v, Ref) for v in call.params.values()):
                found.setdefault(call.service or table.service, call)
    return found


def request(client: Any, call: Call) -> tuple[str, str, str]:
    """Method, URL and signing scope of the request that a call would send."""

    def stop(request: Any, **_: Any) -> None:
        raise CaughtError(request)

    client.meta.events.register("before-send.*.*", stop)
    with pytest.raises(CaughtError) as caught:
        getattr(client, botocore.xform_name(call.operation))(**call.params)
    sent = caught.value.args[0]
    signed = sent.headers["Authorization"]
    signed = signed.decode() if isinstance(signed, bytes) else signed
    return sent.method, sent.url, signed.partition("Credential=")[2].partition(",")[0]


def test_endpoints_and_signatures_are_those_of_a_fresh_client() -> None:
    calls, factory, ours, fresh = simple_calls(), Factory(operations(shipped(), shipped())), (
        session()), session()
    assert len(calls) > 40
    for service, call in calls.items():
        for region in REGIONS:
            cheap = factory.client(ours, service, region, "", CONFIG, plain=True)
            usual = fresh.create_client(service, region_name=region, config=CONFIG)
            try:
                expected = request(usual, call)
            except botocore.exceptions.BotoCoreError as error:  # no endpoint in that partition
                with pytest.raises(type(error)):
                    request(cheap, call)
                continue
            assert request(cheap, call) == expected, (service, region)
            assert cheap.meta.partition == usual.meta.partition


def test_a_client_of_another_region_does_not_change_the_first() -> None:
    factory, ours = Factory(), session()
    first = factory.client(ours, "sqs", "us-east-1", "", CONFIG)
    factory.client(ours, "sqs", "eu-west-1", "", CONFIG)
    call = Call(operation="ListQueues")
    assert request(first, call)[1] == "https://sqs.us-east-1.amazonaws.com/"


def test_nothing_of_botocore_stays_replaced() -> None:
    usual = botocore.client.ClientCreator, botocore.args.EndpointCreator
    Factory().client(session(), "sqs", "us-east-1", "", CONFIG)
    assert (botocore.client.ClientCreator, botocore.args.EndpointCreator) == usual
    assert botocore.regions.EndpointProvider is botocore.endpoint_provider.EndpointProvider
    assert botocore.hooks.accepts_kwargs is botocore.compat.accepts_kwargs


def test_two_factories_do_not_make_each_others_clients() -> None:
    """One is made, and another thread makes a client of its own, while the first makes one."""
    first = Factory({"sqs": frozenset({"ListQueues"})})
    others: list[Any] = []

    class Meanwhile(botocore.session.Session):  # type: ignore[misc]
        def create_client(self, *given: Any, **named: Any) -> Any:
            second = Factory({"sqs": frozenset({"GetQueueAttributes"})})

            def elsewhere() -> None:
                others.append(session().create_client("sqs", region_name="us-east-1"))

            thread = threading.Thread(target=elsewhere)
            thread.start()
            thread.join()
            made = super().create_client(*given, **named)
            others.append(second)
            return made

    given = Meanwhile()
    given.set_credentials("AKIAIOSFODNN7EXAMPLE", "secret")
    mine = first.client(given, "sqs", "us-east-1", "", CONFIG)
    usual, second = others
    theirs = second.client(session(), "sqs", "us-east-1", "", CONFIG)
    assert mine.meta.service_model.operation_names == ["ListQueues"]
    assert theirs.meta.service_model.operation_names == ["GetQueueAttributes"]
    assert {"ListQueues", "SendMessage"} <= set(usual.meta.service_model.operation_names)


def test_a_client_made_after_reading_ahead_is_the_same() -> None:
    factory, ours = Factory({"sqs": frozenset({"ListQueues"})}), session()
    factory.prepare(ours)
    call = Call(operation="ListQueues")
    for region in REGIONS:
        fresh = session().create_client("sqs", region_name=region, config=CONFIG)
        made = factory.client(ours, "sqs", region, "", CONFIG, plain=True)
        assert request(made, call) == request(fresh, call)


def test_each_account_signs_with_its_own_credentials() -> None:
    factory, call = Factory(), Call(operation="ListQueues")
    for key in ("AKIAIOSFODNN7EXAMPLE", "AKIAI44QH8DHBEXAMPLE"):
        ours = session()
        ours.set_credentials(key, "secret")
        client = factory.client(ours, "sqs", "us-east-1", "", CONFIG, plain=True)
        assert request(client, call)[2].partition("/")[0] == key


def test_a_plain_client_has_every_handler_that_concerns_it() -> None:
    full: Any = session().get_component("event_emitter")
    kinds = ("before-parameter-build", "before-call", "after-call", "choose-signer", "before-sign",
             "request-created", "before-endpoint-resolution", "needs-retry", "before-parse")
    factory = Factory()
    made = session()
    for service, names in operations(shipped(), shipped()).items():
        model = made.get_service_model(service)
        event = model.service_id.hyphenize()
        mine: Any = factory._emitter(service, model.service_id)
        for kind in kinds:
            for name in names:
                asked = full._alias_event_name(f"{kind}.{event}.{name}")
                expected = list(full._emitter._handlers.prefix_search(asked))
                assert list(mine._emitter._handlers.prefix_search(asked)) == expected, asked


def test_handlers_of_a_given_session_are_kept() -> None:
    ours, heard = session(), []
    ours.register("before-call.sqs.*", lambda **_: heard.append(1))
    caller = Caller(Access(), ours)
    client = caller.client("", "us-east-1", "sqs")
    request(client, Call(operation="ListQueues"))
    assert heard == [1]


def test_an_operation_that_was_not_named_can_be_called() -> None:
    caller = Caller(Access(keys=("a", "b", None)), None, {"sqs": frozenset({"ListQueues"})})
    assert "get_queue_url" not in caller.client("", "us-east-1", "sqs").meta.method_to_api_mapping
    wide = caller._able("", "us-east-1", "sqs", "get_queue_url")
    assert "get_queue_url" in wide.meta.method_to_api_mapping
    assert caller.client("", "us-east-1", "sqs") is wide


def test_answers_that_are_had_are_not_asked_again() -> None:
    caller = Caller(Access(keys=("a", "b", None), endpoint_url="http://127.0.0.1:9"))
    caller.known = {("1", "us-east-1", "sts", "GetCallerIdentity"): [({}, {"Account": "1"})]}
    assert caller.call("1", "us-east-1", "sts", "GetCallerIdentity", {}) == {"Account": "1"}
    assert not caller.counts


@pytest.fixture(scope="module")
def https(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """A server whose certificate nobody has signed, and the certificate."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(1).not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    folder = tmp_path_factory.mktemp("https")
    (folder / "cert.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption()))

    class Answer(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = b"{}"
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = http.server.ThreadingHTTPServer(("localhost", 0), Answer)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"https://localhost:{server.server_port}", folder / "cert.pem"
    server.shutdown()
    server.server_close()


def test_a_certificate_that_nobody_signed_is_refused(https: tuple[str, Path]) -> None:
    client = Factory().client(session(), "sqs", "us-east-1", https[0], CONFIG)
    with pytest.raises(botocore.exceptions.SSLError):
        client.list_queues()


def test_a_configured_bundle_is_trusted(
    https: tuple[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_CA_BUNDLE", str(https[1]))
    client = Factory().client(session(), "sqs", "us-east-1", https[0], CONFIG)
    assert client.list_queues()["ResponseMetadata"]["HTTPStatusCode"] == 200


def test_a_bundle_does_not_vouch_for_another_host(
    https: tuple[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_CA_BUNDLE", str(https[1]))
    url = https[0].replace("localhost", "127.0.0.1")
    client = Factory().client(session(), "sqs", "us-east-1", url, CONFIG)
    with pytest.raises(botocore.exceptions.SSLError):
        client.list_queues()
