"""Which calls the emulator refuses or slows down, to see what a scan makes of it."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from sharedline.demo.fixtures import Failure

if TYPE_CHECKING:
    from sharedline.demo.calls import Call

# Nobody can be denied this one, whatever the policy says.
NEVER_DENIED = ("sts", "GetCallerIdentity")
XML_PROTOCOLS = ("query", "rest-xml")


@dataclass(frozen=True)
class Deny:
    """Refuse the calls that match these globs; the service is boto3's name, the operation AWS's."""

    service: str = "*"
    operation: str = "*"
    account: str = "*"
    region: str = "*"

    def matches(self, call: Call) -> bool:
        """Whether this rule is about the call."""
        pairs = (
            (call.service, self.service),
            (call.operation, self.operation),
            (call.account, self.account),
            (call.region, self.region),
        )
        return all(fnmatchcase(value, pattern) for value, pattern in pairs)


@dataclass(frozen=True)
class Throttle(Deny):
    """Answer the first `times` matching calls with AWS's throttling error; None: for ever."""

    times: int | None = 1


class Rules:
    """The rules in force, and how often each throttle has struck."""

    def __init__(self, deny: Iterable[Deny] = (), throttle: Iterable[Throttle] = ()) -> None:
        self._deny = tuple(deny)
        self._throttle = tuple(throttle)
        self._struck = [0] * len(self._throttle)
        self._lock = threading.Lock()

    def failure(self, call: Call) -> Failure | None:
        """The error this call must get, if any."""
        if self._strikes(call):
            return throttled(call)
        if (call.service, call.operation) == NEVER_DENIED:
            return None
        return denied(call) if any(rule.matches(call) for rule in self._deny) else None

    def _strikes(self, call: Call) -> bool:
        with self._lock:
            for i, rule in enumerate(self._throttle):
                left = rule.times is None or self._struck[i] < rule.times
                if left and rule.matches(call):
                    self._struck[i] += 1
                    return True
        return False


def denied(call: Call) -> Failure:
    """The refusal as this service words it."""
    user = f"arn:aws:iam::{call.account}:user/denied"
    action = f"{call.service}:{call.operation}"
    message = f"User: {user} is not authorized to perform: {action}"
    if call.protocol == "ec2":
        return Failure("UnauthorizedOperation", message, 403)
    if call.protocol in XML_PROTOCOLS or call.query_compatible:
        return Failure("AccessDenied", message, 403)
    return Failure("AccessDeniedException", message, 400 if call.protocol == "json" else 403)


def throttled(call: Call) -> Failure:
    """The throttling error of this service; botocore retries on each of these codes."""
    if call.protocol == "ec2":
        return Failure("RequestLimitExceeded", "Request limit exceeded.", 503)
    if call.service == "s3":
        return Failure("SlowDown", "Please reduce your request rate.", 503)
    if call.protocol in XML_PROTOCOLS:
        return Failure("Throttling", "Rate exceeded", 400)
    return Failure("ThrottlingException", "Rate exceeded", 400 if call.protocol == "json" else 429)
