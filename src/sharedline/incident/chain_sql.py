"""The questions to the trail that link events: one query each for any number of credentials."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from sharedline.inventory import literals
from sharedline.inventory.engines import Engine, quoted

HandleKind = Literal[
    "key", "arn", "issuer", "user", "password", "suffix", "console", "exposed", "address"
]

#: The columns by which like events are folded, beside the hour.
GROUP = (
    "akey",
    "arn",
    "utype",
    "username",
    "uaccount",
    "issuer",
    "created",
    "eventsource",
    "eventname",
    "errorcode",
    "awsregion",
    "account",
    "address",
)
#: What tells sessions apart, and where they were used.
WHO = (
    "akey",
    "arn",
    "utype",
    "username",
    "uaccount",
    "issuer",
    "created",
    "delivery",
    "console",
    "address",
)
_FLAT = """
    coalesce(eventid, requestid, eventname) as id, eventtime as t, eventsource, eventname,
    awsregion, sourceipaddress as address, useragent as agent, errorcode,
    coalesce(recipientaccountid, useridentity.accountid) as account,
    useridentity.type as utype, useridentity.arn as arn, useridentity.accountid as uaccount,
    useridentity.accesskeyid as akey, useridentity.username as username,
    useridentity.invokedby as invokedby,
    useridentity.sessioncontext.sessionissuer.arn as issuer,
    useridentity.sessioncontext.attributes.creationdate as created,
    useridentity.sessioncontext.ec2roledelivery as delivery,
    sessioncredentialfromconsole as console, vpcendpointid,
    requestparameters, responseelements, readonly
"""
#: The members of requests that name what is acted on, as far as a fold tells its resources.
_THINGS = (
    "bucketName|secretId|tableName|functionName|instanceId|snapshotId|roleName|userName|keyId|"
    "dBSnapshotIdentifier|dBInstanceIdentifier|imageId|volumeId|repositoryName|parameterName|modelId"
)


@dataclass(frozen=True, slots=True)
class Handle:
    """Something by which events belong to the chain, most often an access key id."""

    kind: HandleKind
    value: str
    account: str = ""
    since: datetime | None = None
    #: Only from these addresses, if any; from none of those.
    only: frozenset[str] = frozenset()
    without: frozenset[str] = frozenset()
    #: Only from the addresses of the chain, whichever they turn out to be.
    near: bool = False
    #: Requests through a VPC endpoint are the workload's own.
    outside: bool = False
    #: For `console`: the sessions begun between these texts of time.
    begun: tuple[str, str] = ("", "")
    why: str = field(default="", compare=False)
    #: The event that leads here.
    by: str = field(default="", compare=False)
    weak: bool = field(default=False, compare=False)
    #: Whether a machine acts, so that its address is not the intruder's.
    machine: bool = field(default=False, compare=False)

    def holds(self, row: dict[str, Any]) -> bool:
        """Whether a group of events, told by its columns, is this handle's."""
        address = row["address"] or ""
        if (self.only and address not in self.only) or address in self.without:
            return False
        if self.since is not None and row["last"] < self.since:
            return False
        user = row["username"] == self.value and row["uaccount"] == self.account
        answers: dict[str, bool] = {
            "key": row["akey"] == self.value,
            "arn": row["arn"] == self.value,
            "issuer": row["issuer"] == self.value,
            "user": user,
            "password": user
            and (row["eventname"] == "ConsoleLogin" or (row["akey"] or "").startswith("ASIA")),
            "suffix": (row["arn"] or "").endswith("/" + self.value)
            and row["uaccount"] == (self.account or row["uaccount"]),
            "console": row["arn"] == self.value
            and self.begun[0] <= (row["created"] or "") <= self.begun[1],
            "exposed": self.value in (row.get("things") or ()),
            "address": address == self.value,
        }
        return answers[self.kind]


@dataclass(frozen=True)
class Trail:
    """The table of events in a span of time, on one engine."""

    engine: Engine
    table: str = "cloudtrail"
    since: datetime | None = None
    until: datetime | None = None

    def within(self, since: datetime | None, until: datetime | None) -> Trail:
        """The same trail in another span."""
        return replace(self, since=since, until=until)

    def literal(self, value: str) -> str:
        """A text as SQL."""
        return literals.text(value, self.engine.dialect)

    def listed(self, texts: Iterable[str]) -> str:
        """Texts as the inside of IN (...), in order; never empty."""
        return literals.listed(texts, self.engine.dialect)

    def moment(self, at: datetime) -> str:
        """A time as SQL."""
        return literals.moment(at, self.engine.dialect)

    def span(self) -> list[str]:
        """The conditions that an event is in the span."""
        return literals.span(self.since, self.until, self.engine.dialect)

    def member(self, column: str, names: str) -> str:
        """The text of a member of JSON, by name (or names, with bars); '' where there is none."""
        return f'coalesce(regexp_extract({column}, \'"({names})": *"([^"]*)"\', 2), \'\')'

    def issued(self) -> str:
        """The access key id that a response holds."""
        return (
            'coalesce(regexp_extract(responseelements, \'"[aA]ccessKeyId": *"([^"]*)"\', 1), \'\')'
        )

    def flat(self) -> str:
        """The events of the span with the columns that link them."""
        where = literals.where(self.span())
        return f"(select {_FLAT} from {quoted_table(self.engine, self.table)}{where})"

    def rows(self, where: str, limit: int) -> list[dict[str, Any]]:
        """Events, oldest first."""
        sql = f"select * from {self.flat()} e where {where} order by t, id limit {limit}"
        return self.ask(sql)

    def who(self, where: str, limit: int = 5_000) -> list[dict[str, Any]]:
        """The sessions of events and where they were used."""
        columns = ", ".join(WHO)
        return self.ask(
            f"select {columns}, count(*) as n, min(t) as first, max(t) as last, "
            f"max(case when agent like '%amazon-ssm-agent%' then 1 else 0 end) as managed "
            f"from {self.flat()} e where {where} group by {columns} "
            f"order by first, {columns} limit {limit}"
        )

    def groups(self, where: str, limit: int) -> list[dict[str, Any]]:
        """Like events of an hour, folded."""
        columns = ", ".join(GROUP)
        pair = (
            "{'t': t, 'id': id}"
            if self.engine.dialect == "duckdb"
            else "named_struct('t', t, 'id', id)"
        )
        thing = self.member("requestparameters", _THINGS)
        return self.ask(
            f"select {columns}, date_trunc('hour', t) as hour, count(*) as n, min(t) as first, "
            f"max(t) as last, min({pair}) as one, array_agg(distinct {thing}) as things "
            f"from {self.flat()} e where {where} group by {columns}, date_trunc('hour', t) "
            f"order by first, one limit {limit}"
        )

    def ids(self, where: str, limit: int) -> list[dict[str, Any]]:
        """The ids of events with the columns of their groups."""
        columns = ", ".join(GROUP)
        return self.ask(
            f"select id, t, {columns} from {self.flat()} e where {where} order by t, id limit {limit}"
        )

    def whole(self, ids: Sequence[str]) -> dict[str, dict[str, Any]]:
        """The whole rows of events by id."""
        if not ids:
            return {}
        asked = f"coalesce(eventid, requestid, eventname) in ({self.listed(ids)})"
        table = quoted_table(self.engine, self.table)
        found = self.ask(
            f"select * from {table}{literals.where([asked, *self.span()])} order by eventtime"
        )
        out: dict[str, dict[str, Any]] = {}
        for row in found:
            out.setdefault(row["eventid"] or row["requestid"] or row["eventname"], row)
        return out

    def ask(self, sql: str) -> list[dict[str, Any]]:
        """The rows of a query."""
        rows: list[dict[str, Any]] = self.engine.query(sql).to_pylist()
        return rows

    def belongs(self, handles: Iterable[Handle], near: Iterable[str] = ()) -> str:
        """The condition that an event belongs to one of the handles."""
        plain: list[str] = []
        parts: list[str] = []
        for handle in handles:
            simple = not (handle.only or handle.without or handle.since or handle.outside)
            if handle.kind == "key" and simple and not handle.near:
                plain.append(handle.value)
            else:
                part = self._one(handle, frozenset(near))
                if part:
                    parts.append(part)
        if plain:
            parts.insert(0, f"akey in ({self.listed(plain)})")
        return "(" + " or ".join(parts) + ")" if parts else "(1 = 0)"

    def _one(self, handle: Handle, near: frozenset[str]) -> str:
        value = self.literal(handle.value)
        user = f"username = {value} and uaccount = {self.literal(handle.account)}"
        account = f" and uaccount = {self.literal(handle.account)}" if handle.account else ""
        first, last = map(self.literal, handle.begun)
        parts = [
            {
                "key": f"akey = {value}",
                "arn": f"arn = {value}",
                "issuer": f"issuer = {value}",
                "user": user,
                "password": f"{user} and (eventname = 'ConsoleLogin' or akey like 'ASIA%')",
                "suffix": f"utype = 'AssumedRole' and "
                f"right(arn, {len(handle.value) + 1}) = {self.literal('/' + handle.value)}{account}",
                "console": f"arn = {value} and created between {first} and {last}",
                "exposed": f"{self.member('requestparameters', _THINGS)} = {value} and "
                "coalesce(utype, '') <> 'AWSService' and coalesce(uaccount, '') <> account",
                "address": f"address = {value} and coalesce(utype, '') <> 'AWSService'",
            }[handle.kind]
        ]
        only = handle.only | near if handle.near else handle.only
        if handle.near and not only:
            return ""
        if only:
            parts.append(f"address in ({self.listed(only)})")
        if handle.without:
            parts.append(f"coalesce(address, '') not in ({self.listed(handle.without)})")
        if handle.since is not None:
            parts.append(f"t >= {self.moment(handle.since)}")
        if handle.outside:
            parts.append("vpcendpointid is null")
        return "(" + " and ".join(parts) + ")"


def quoted_table(engine: Engine, table: str) -> str:
    """The table's name as the engine quotes it."""
    name = quoted(table)
    return name if engine.dialect == "duckdb" else f"`{table}`"


def time_of(text: str | None) -> datetime | None:
    """A time in a record; None where it is none."""
    try:
        found = datetime.fromisoformat((text or "").replace("Z", "+00:00"))
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def around(at: datetime, before: float, after: float) -> tuple[datetime, datetime]:
    """So many seconds before and after a time."""
    return at - timedelta(seconds=before), at + timedelta(seconds=after)
