"""Clients for the accounts being read: credentials, one client per service x Region, and calls.

A client costs 5 to 100 ms to make, so each is made once per process; sessions share one loader.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import botocore.exceptions
import botocore.session
from botocore.config import Config
from botocore.credentials import (
    AssumeRoleCredentialFetcher,
    Credentials,
    DeferredRefreshableCredentials,
)

from sharedline.collect.factory import Factory
from sharedline.collect.limits import Budgets
from sharedline.collect.patience import Patience
from sharedline.collect.slim import Operations
from sharedline.errors import Error, IncompleteError

#: Codes with which AWS says that the credentials themselves are no good (any more).
EXPIRED = frozenset(
    {
        "ExpiredToken",
        "ExpiredTokenException",
        "RequestExpired",
        "InvalidClientTokenId",
        "UnrecognizedClientException",
        "AuthFailure",
        "InvalidAccessKeyId",
        "SignatureDoesNotMatch",
    }
)
#: Codes with which credentials that were good end while a scan is under way. The other codes above
#: are also what a Region that is off answers.
LAPSED = frozenset(
    {
        "ExpiredToken",
        "ExpiredTokenException",
        "RequestExpired",
        "NoCredentials",
        "CredentialRetrievalError",
        "UnauthorizedSSOTokenError",
        "SSOTokenLoadError",
        "TokenRetrievalError",
        "RefreshWithMFAUnsupportedError",
    }
)
#: Pairs of (output member, input parameter) by which operations without a paginator are paged.
_TOKENS = (
    ("NextToken", "NextToken"),
    ("nextToken", "nextToken"),
    ("NextMarker", "Marker"),
    ("Marker", "Marker"),
    ("position", "position"),
)
MAX_PAGES = 20_000
#: EC2 answers everything in one response unless asked for pages.
PAGE_SIZES = {"ec2": 1000}


class CredentialsError(Error):
    """The credentials are missing, wrong or expired; nothing more can be read with them."""

    exit_code = 2


@dataclass(frozen=True, slots=True)
class Access:
    """How to reach accounts: base credentials, endpoint, and the role to assume in each account.

    `role` is the name or ARN template of the role assumed in an account other than the base's,
    `keys` frozen credentials (key, secret, token) where no profile is to be resolved again.
    """

    profile: str = ""
    keys: tuple[str, str, str | None] | None = None
    endpoint_url: str = ""
    base_account: str = ""
    partition: str = "aws"
    role_name: str = ""
    external_id: str = ""
    rate_scale: float = 1.0
    #: The Regions of the scan, where they are known.
    regions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Failure:
    """A call that failed: the operation as `service:Operation`, AWS's code and message."""

    call: str
    code: str
    message: str

    def __str__(self) -> str:
        return f"{self.call} {self.code}"


#: Answers by account, Region, service and operation, with the parameters of each.
Known = dict[tuple[str, str, str, str], list[tuple[dict[str, Any], dict[str, Any]]]]


class CallError(Exception):
    """Raised by `Caller` for every error of AWS or the network, already reduced to a `Failure`."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(str(failure))
        self.failure = failure


class StoppedError(Exception):
    """No further call is made: the scan is being stopped."""


def _config(endpoint_url: str) -> Config:
    return Config(
        retries={"mode": "adaptive", "total_max_attempts": 8},
        connect_timeout=10,
        read_timeout=60,
        max_pool_connections=32,
        user_agent_extra="sharedline",
        s3={"addressing_style": "path"} if endpoint_url else {},
        inject_host_prefix=not endpoint_url,
    )


class Caller:
    """Makes calls for one process: clients, paging, budgets, and a count of every call."""

    def __init__(
        self,
        access: Access,
        session: botocore.session.Session | None = None,
        operations: Operations | None = None,
    ) -> None:
        """Calls the `operations` of each service; of services not named, and if need be, all."""
        self.access = access
        self.counts: Counter[tuple[str, str, str]] = Counter()
        self._base = session or botocore.session.Session(profile=access.profile or None)
        if access.keys and session is None:
            self._base.set_credentials(*access.keys)
        self._own = session is None
        self._sessions: dict[str, botocore.session.Session] = {}
        self._clients: dict[tuple[str, str, str], Any] = {}
        self._factory = Factory(operations)
        self._paging: dict[tuple[str, str], tuple[dict[str, Any], Any]] = {}
        self._budgets = Budgets(access.rate_scale)
        self._lock = threading.RLock()
        self._patience = Patience()
        #: Once set, no further call is made.
        self.stop = threading.Event()
        #: Answers that are had already, and those to be kept for others (by operation).
        self.known: Known = {}
        self.kept: Known | None = None

    def _session(self, account: str) -> botocore.session.Session:
        if not account or account == self.access.base_account or not self.access.role_name:
            return self._base
        if account not in self._sessions:
            self._sessions[account] = assumed(self._base, self.access, account)
        return self._sessions[account]

    def client(self, account: str, region: str, service: str) -> Any:
        """The client for a service in a Region of an account, made once."""
        key = (account, region, service)
        client = self._clients.get(key)
        if client is None:
            with self._lock:
                client = self._clients.get(key)
                if client is None:
                    client = self._made(account, region, service)
                    event = client.meta.service_model.service_id.hyphenize()
                    client.meta.events.register_first(f"needs-retry.{event}", _not_from_aws)
                    if self.access.endpoint_url and service == "s3control":
                        client.meta.events.register("before-sign.s3-control", _plain_host)
                    self._clients[key] = client
        return client

    def prepare(self) -> None:
        """Reads what clients of all services are made of, so that copies of this process need not."""
        self._factory.prepare(self._base)

    def _able(self, account: str, region: str, service: str, method: str) -> Any:
        """The client, knowing the operation even where it was not named beforehand."""
        client = self.client(account, region, service)
        if method not in client.meta.method_to_api_mapping:
            with self._lock:
                if self._factory.widen(service):
                    for key in [k for k in self._clients if k[2] == service]:
                        del self._clients[key]
                client = self.client(account, region, service)
        return client

    def forget(self, account: str, region: str) -> None:
        """Drops the clients of a Region that was read: a few hundred kB each."""
        with self._lock:
            for key in [k for k in self._clients if k[0] == account and k[1] == region]:
                del self._clients[key]

    def _made(self, account: str, region: str, service: str) -> Any:
        try:
            url = self.access.endpoint_url
            session = self._session(account)
            plain = session is not self._base or self._own
            return self._factory.client(
                session, service, region, url, _config(url), plain=plain
            )
        except (botocore.exceptions.BotoCoreError, ValueError) as error:
            # A Region that cannot be one, a service that this botocore does not know.
            raise CallError(_failure(service, "client", error)) from error

    def call(
        self, account: str, region: str, service: str, operation: str, params: Mapping[str, Any]
    ) -> dict[str, Any]:
        """One call; raises `CallError`."""
        if self.stop.is_set():
            raise StoppedError
        for asked, answer in self.known.get((account, region, service, operation), ()):
            if asked == params:
                return answer
        method, key = botocore.xform_name(operation), (account, region, service)
        client = self._able(account, region, service, method)
        if self._patience.exhausted(key):
            said = "Not asked: the calls before it were throttled for minutes."
            raise CallError(Failure(f"{service}:{operation}", "Throttled", said))
        self._budgets.take(account, region, service)
        self.counts[(service, operation, region)] += 1
        try:
            answer = dict(getattr(client, method)(**params))
        except Exception as error:
            # an emulator in this process) is recorded as that call's failure: one service never
            # stops the others, and what it would have said is unknown.
            failure = _failure(service, operation, error)
            if self._patience.failed(key, failure.code):
                self._still_there(failure)
            raise CallError(failure) from error
        self._patience.worked(key)
        if not says(answer) and _must_say(client, operation):
            told(service, operation, answer)
        if self.kept is not None:
            kept = self.kept.setdefault((account, region, service, operation), [])
            kept.append((dict(params), answer))
        return answer

    def _still_there(self, failure: Failure) -> None:
        """Ends the scan where no call at all gets through, so that it can be resumed.

        One Region may be out of reach of this network; the call that every scan begins with is not.
        """
        home = "us-east-1"
        try:
            self.client("", home, "sts").get_caller_identity()
        except (
            botocore.exceptions.HTTPClientError,
            botocore.exceptions.ConnectionError,
        ) as error:
            raise IncompleteError(
                f"The connection to AWS is cut: {failure.call} and the calls before it did not get "
                f"through ({failure.code}).",
                "Restore it and run `sharedline scan --resume`; what was read is kept.",
            ) from error
        except botocore.exceptions.ClientError:  # answered, so there is a network
            pass
        self._patience.worked(("", home, "sts"))

    def _paged(
        self, account: str, region: str, service: str, operation: str
    ) -> tuple[dict[str, Any], Any]:
        """How an operation is paged, which is the same in every Region."""
        found = self._paging.get((service, operation))
        if found is None:
            client = self._able(account, region, service, botocore.xform_name(operation))
            found = self._paging[(service, operation)] = _paging(client, service, operation)
        return found

    def pages(
        self, account: str, region: str, service: str, operation: str, params: Mapping[str, Any]
    ) -> Iterator[dict[str, Any]]:
        """Every page of a listing, paged by the operation's paginator or its token members."""
        given, follow = self._paged(account, region, service, operation)
        request, seen = {**given, **params}, set()
        for _ in range(MAX_PAGES):
            page = self.call(account, region, service, operation, request)
            yield page
            token = follow(page)
            if not token:
                return
            key = str(sorted(token.items()))
            if key in seen:
                break
            seen.add(key)
            request = {**request, **token}
        name = f"{service}:{operation}"
        raise CallError(Failure(name, "EndlessPages", "The pages of the listing do not end."))


def says(answer: Mapping[str, Any]) -> bool:
    """Whether an answer has any member at all."""
    return any(name != "ResponseMetadata" for name in answer)


def told(service: str, operation: str, answer: Mapping[str, Any]) -> None:
    """Raises `CallError` where an answer says nothing and AWS's would say something."""
    if not says(answer):
        said = "The answer has nothing in it."
        raise CallError(Failure(f"{service}:{operation}", "EmptyAnswer", said))


def _must_say(client: Any, operation: str) -> bool:
    """Whether AWS's answer cannot be empty, so that one which is does not mean "none".

    These XML protocols send an element for an empty list. In JSON some services leave it out
    (`ListQueues`), but never a member that the model requires.
    """
    model = client.meta.service_model
    if model.metadata.get("protocol") in ("ec2", "query"):
        return True
    shape = model.operation_model(operation).output_shape
    return bool(shape is not None and shape.required_members)


def _not_from_aws(response: Any = None, **_: Any) -> bool | None:
    """False (no retry) for a server error without AWS's error code, None (let botocore decide) else.

    AWS's own server errors carry a code. A bare 500 comes from a proxy or an emulator that does not
    know the operation, and asking eight times takes 20 s to learn nothing.
    """
    if response is None:
        return None
    http, parsed = response
    code = str(parsed.get("Error", {}).get("Code", ""))
    bare = http.status_code >= 500 and (not code or code == str(http.status_code))
    return False if bare and http.status_code not in (502, 503, 504) else None


def _plain_host(request: Any, **_: Any) -> None:
    """Botocore puts the account before any host of S3 Control, even before an IP address."""
    account = request.headers.get("x-amz-account-id", "")
    request.url = request.url.replace(f"//{account}.", "//", 1)


def _paging(client: Any, service: str, operation: str) -> tuple[dict[str, Any], Any]:
    """The page-size parameter to send and a function from a page to the next page's token."""
    model = client.meta.service_model.operation_model(operation)
    inputs = model.input_shape.members if model.input_shape else {}
    method = botocore.xform_name(operation)
    if client.can_paginate(method):
        config = client.get_paginator(method)._pagination_cfg  # noqa: SLF001 the only place it is
        more = config.get("more_results")
        outs = config["output_token"]
        ins = config["input_token"]
        outs = [outs] if isinstance(outs, str) else outs
        ins = [ins] if isinstance(ins, str) else ins
        given = {}
        size = PAGE_SIZES.get(service)
        if size and config.get("limit_key") in inputs:
            given[config["limit_key"]] = size
        return given, lambda page: _next(page, outs, ins, more)
    outputs = model.output_shape.members if model.output_shape else {}
    pairs = [(o, i) for o, i in _TOKENS if o in outputs and i in inputs]
    return {}, lambda page: _next(page, [p[0] for p in pairs], [p[1] for p in pairs], None)


def _next(
    page: Mapping[str, Any], outs: list[str], ins: list[str], more: str | None
) -> dict[str, Any]:
    import jmespath

    if more is not None and not jmespath.search(more, page):
        return {}
    token = {}
    for out, name in zip(outs, ins, strict=True):
        value = page.get(out) if out.isalnum() else jmespath.search(out, page)
        if value:
            token[name] = value
    return token


def _failure(service: str, operation: str, error: Exception) -> Failure:
    name = f"{service}:{operation}"
    if isinstance(error, botocore.exceptions.ClientError):
        if error.operation_name == "AssumeRole":
            name = "sts:AssumeRole"
        found = error.response.get("Error", {})
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", "")
        code = str(found.get("Code") or f"HTTP{status}")
        return Failure(name, code, str(found.get("Message", ""))[:500])
    if isinstance(error, botocore.exceptions.NoCredentialsError):
        return Failure(name, "NoCredentials", str(error))
    return Failure(name, type(error).__name__, str(error)[:500])


def assumed(
    base: botocore.session.Session, access: Access, account: str
) -> botocore.session.Session:
    """A session in another account through the configured role, refreshed as it expires."""
    role = access.role_name
    if not role.startswith("arn:"):
        role = f"arn:{access.partition}:iam::{account}:role/{role}"
    extra = {"RoleSessionName": "sharedline"}
    if access.external_id:
        extra["ExternalId"] = access.external_id

    def create(service: str, **kwargs: Any) -> Any:
        region = base.get_config_variable("region") or "us-east-1"
        given = {"region_name": region, "endpoint_url": access.endpoint_url or None}
        return base.create_client(service, **{**given, **kwargs})

    fetcher = AssumeRoleCredentialFetcher(
        client_creator=create,
        source_credentials=base.get_credentials(),
        role_arn=role,
        extra_args=extra,
    )
    session = botocore.session.Session()
    session.set_config_variable("region", base.get_config_variable("region") or "us-east-1")
    session.register_component("data_loader", base.get_component("data_loader"))
    session._credentials = DeferredRefreshableCredentials(  # noqa: SLF001 botocore offers no setter
        refresh_using=fetcher.fetch_credentials, method="assume-role"
    )
    return session


def frozen(session: Any) -> tuple[str, str, str | None]:
    """The credentials of a botocore session as plain strings, to hand to a worker process."""
    credentials: Credentials | None = session.get_credentials()
    if credentials is None:
        raise CredentialsError(
            "There are no AWS credentials.",
            "Run `aws sso login` or set AWS_PROFILE, or pass --profile.",
        )
    kept = credentials.get_frozen_credentials()
    return (kept.access_key, kept.secret_key, kept.token)
