"""The findings of a scan in the lake, counted by SQL and read batch by batch."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Protocol

import pyarrow as pa

from sharedline.comply.package.inputs import COLUMNS, Miss, Resource, Tally

#: What AWS must do for a resource is no exception of the customer's, as in the list of gaps.
_STATUS = "case when side = 'aws' then 'inherited' else status end"


class Queries(Protocol):
    """What answers SQL over the view `finding`."""

    def query(self, sql: str) -> pa.Table:
        """All rows at once."""

    def stream(self, sql: str, size: int = 50_000) -> pa.RecordBatchReader:
        """Rows in batches."""


class ScanFindings:
    """`Findings` over the view `finding` of an engine."""

    def __init__(self, duck: Queries) -> None:
        self._duck = duck

    def tallies(self) -> Iterator[Tally]:
        """Counts by check, status and owner, in order."""
        sql = (
            f'select check_id as "check", {_STATUS} as status, owner, count(*) as count, '
            "min(since) as since, min(service) as service, coalesce(waiver, '') as waiver "
            f"from finding group by check_id, {_STATUS}, owner, coalesce(waiver, '') order by all"
        )
        for row in self._duck.query(sql).to_pylist():
            yield Tally(**row)

    def exceptions(self) -> Iterator[Miss]:
        """What is not met, ordered by check and resource."""
        sql = (
            "select check_id as \"check\", resource, coalesce(account_id, '') as account, "
            "coalesce(region, '') as region, status, owner, coalesce(reason, '') as reason "
            "from finding where status not in ('met', 'inherited') and side <> 'aws' "
            "order by check_id, resource, account_id, region, reason"
        )
        for row in self._rows(sql):
            yield Miss(**row)

    def resources(self) -> Iterator[Resource]:
        """Every resource with a finding, each once, in order."""
        sql = (
            "select resource as arn, coalesce(account_id, '') as account, "
            "min(coalesce(region, '')) as region, min(service) as service "
            "from finding group by 1, 2 order by 1, 2"
        )
        for row in self._rows(sql):
            yield Resource(**row)

    def services(self) -> list[str]:
        """The services of the resources, in order."""
        sql = (
            "select distinct service from (select min(service) as service from finding "
            "group by resource, coalesce(account_id, '')) order by 1"
        )
        return [str(r["service"]) for r in self._duck.query(sql).to_pylist()]

    def rows(self) -> Iterator[dict[str, Any]]:
        """Every finding with `COLUMNS`, in order."""
        columns = ", ".join(
            "strftime(since, '%Y-%m-%dT%H:%M:%SZ') as since" if c == "since" else c for c in COLUMNS
        )
        order = "check_id, resource, account_id, region, reason"
        yield from self._rows(f"select {columns} from finding order by {order}")

    def _rows(self, sql: str) -> Iterator[dict[str, Any]]:
        for batch in self._duck.stream(sql, 10_000):
            yield from batch.to_pylist()
