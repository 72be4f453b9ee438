"""IAM's last-accessed data: which services, and where IAM tracks them which actions, were used.

Source: "Refine permissions using last accessed information",
https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_last-accessed.html (read
2026-11-21): it covers attempts of at least 400 days in every Region of the partition, the services
that the identity's own policies allow, and never iam:PassRole.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sharedline.iam.actions import find
from sharedline.iam.fit.event_actions import tracked

#: IAM's data looks back at least so far.
REACH = timedelta(days=400)
#: Activity may take so long to appear.
DELAY = timedelta(hours=4)


@dataclass(frozen=True)
class LastAccessed:
    """What IAM says of one principal as of a moment.

    `services` are those that it may use, with the last use (None: none that IAM knows). `actions`
    are those that IAM tracks one by one, in lower case. Both say nothing of what they leave out.
    """

    services: Mapping[str, datetime | None] = field(default_factory=dict)
    actions: Mapping[str, datetime | None] = field(default_factory=dict)
    as_of: datetime | None = None

    def unused(self, action: str, since: datetime) -> bool:
        """Whether IAM is certain that the action was not used since then; False: not certain."""
        found = find(action)
        if found is None or not tracked(found.full):
            return False
        name = found.full.lower()
        if name in self.actions:
            return _before(self.actions[name], since)
        return found.service in self.services and _before(self.services[found.service], since)

    def used(self, action: str, since: datetime) -> bool:
        """Whether IAM says that this very action was used since then."""
        last = self.actions.get(action.lower())
        return last is not None and last >= since


def _before(last: datetime | None, since: datetime) -> bool:
    return last is None or last < since


def read(rows: Iterable[Mapping[str, Any]], as_of: datetime) -> dict[str, LastAccessed | None]:
    """What the rows of `iam_service_last_accessed` say, by principal; None where it is uncertain.

    A report that was not complete when it was read says nothing.
    """
    services: dict[str, dict[str, datetime | None]] = defaultdict(dict)
    actions: dict[str, dict[str, datetime | None]] = defaultdict(dict)
    uncertain: set[str] = set()
    for row in rows:
        arn = row.get("principal_arn") or row.get("role_arn") or row.get("user_arn")
        if not arn:
            continue
        services[arn].update({})
        if row.get("job_status") != "COMPLETED":
            uncertain.add(arn)
            continue
        name = row.get("service_namespace")
        if name:
            services[arn][name] = row.get("last_authenticated")
            actions[arn].update(_tracked(name, row.get("tracked_actions")))
    return {
        arn: None if arn in uncertain else LastAccessed(found, actions[arn], as_of)
        for arn, found in services.items()
    }


def _tracked(service: str, listed: Any) -> dict[str, datetime | None]:
    """The actions of a service that IAM tracks, with the last use of each."""
    if isinstance(listed, str):
        try:
            listed = json.loads(listed)
        except ValueError:
            return {}
    found: dict[str, datetime | None] = {}
    for one in listed if isinstance(listed, list) else ():
        name = one.get("ActionName") if isinstance(one, Mapping) else None
        if not isinstance(name, str):
            continue
        last = one.get("LastAccessedTime")
        try:
            at = datetime.fromisoformat(last) if isinstance(last, str) else last
        except ValueError:
            continue  # a date that cannot be read is no evidence of anything
        full = name if ":" in name else f"{service}:{name}"
        found[full.lower()] = at if isinstance(at, datetime) else None
    return found
