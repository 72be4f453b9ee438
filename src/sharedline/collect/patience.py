"""When to stop asking: a service that throttles for minutes, a network that is gone."""

from __future__ import annotations

import threading
from collections import Counter

#: Codes of calls that botocore gave up on after its retries because AWS throttled each of them.
THROTTLED = frozenset(
    {
        "Throttling",
        "ThrottlingException",
        "ThrottledException",
        "RequestThrottled",
        "RequestThrottledException",
        "TooManyRequestsException",
        "RequestLimitExceeded",
        "BandwidthLimitExceeded",
        "SlowDown",
        "EC2ThrottledException",
    }
)
#: botocore's exceptions for a network that does not carry.
CUT = frozenset(
    {
        "EndpointConnectionError",
        "ConnectTimeoutError",
        "ReadTimeoutError",
        "ConnectionClosedError",
        "ConnectionError",
        "HTTPClientError",
        "ProxyConnectionError",
    }
)
#: So many calls in a row, each retried for half a minute or more, are answer enough.
PER_SERVICE, OVERALL = 25, 100

Key = tuple[str, str, str]


class Patience:
    """Counts calls in a row that were throttled to the end, or that no network carried."""

    def __init__(self) -> None:
        self._throttled: Counter[Key] = Counter()
        self._cut = 0
        self._lock = threading.Lock()

    def exhausted(self, key: Key) -> bool:
        """Whether a service of an account x Region has throttled so long that asking on is vain."""
        return self._throttled[key] >= PER_SERVICE

    def worked(self, key: Key) -> None:
        """A call was answered, be it with a refusal."""
        self._cut = 0
        if self._throttled[key]:
            self._throttled[key] = 0

    def failed(self, key: Key, code: str) -> bool:
        """A call failed for good; whether the network as a whole seems to be gone."""
        with self._lock:
            if code in CUT:
                self._cut += 1
                return self._cut >= OVERALL
            self._cut = 0
            self._throttled[key] = self._throttled[key] + 1 if code in THROTTLED else 0
            return False
