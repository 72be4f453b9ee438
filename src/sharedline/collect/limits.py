"""How fast a scan may ask: one budget per account x Region x service, shared with production.

A scanner's calls count against the same API limits as the account's own automation, and scanners
have broken autoscaling that way, so the budget is a safety feature and not a speed knob.
"""

from __future__ import annotations

import threading
import time

#: Calls per second that a scan may make, by service; others get `DEFAULT`. Below the published
#: quotas: EC2 refills 20 describe tokens/s behind a bucket of 100 (Ref: EC2 API request throttling,
#: https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-throttling.html, 2026-11-21).
RATES: dict[str, float] = {
    "ec2": 20.0,
    "iam": 20.0,
    "s3": 150.0,
    "s3control": 20.0,
    "lambda": 30.0,
    "organizations": 8.0,
    "cloudtrail": 10.0,
    "account": 10.0,
}
DEFAULT = 20.0
BURST_SECONDS = 4.0


class Budget:
    """A token bucket: `take()` returns once a call may be made."""

    def __init__(self, rate: float, burst: float) -> None:
        self._rate, self._burst = rate, burst
        self._tokens, self._at = burst, time.monotonic()
        self._lock = threading.Lock()

    def take(self) -> float:
        """Waits until a token is free; returns the seconds waited."""
        with self._lock:
            now = time.monotonic()
            self._tokens = min(self._burst, self._tokens + (now - self._at) * self._rate)
            self._at = now
            self._tokens -= 1.0
            wait = max(0.0, -self._tokens / self._rate)
        if wait:
            time.sleep(wait)
        return wait


class Budgets:
    """The budgets of one process. A shard is read by one process, so no budget is ever shared."""

    def __init__(self, scale: float = 1.0) -> None:
        self._scale = scale
        self._budgets: dict[tuple[str, str, str], Budget] = {}
        self._lock = threading.Lock()

    def take(self, account: str, region: str, service: str) -> float:
        """Waits for the budget of that account x Region x service."""
        key = (account, region, service)
        budget = self._budgets.get(key)
        if budget is None:
            with self._lock:
                rate = RATES.get(service, DEFAULT) * self._scale
                budget = self._budgets.setdefault(key, Budget(rate, rate * BURST_SECONDS))
        return budget.take()
