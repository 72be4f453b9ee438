"""What a table is: which calls of AWS's API list it, and which members become columns.

Types, documentation and IAM actions come from botocore's own service model, offline, so that a
mistyped operation or path fails in a test without AWS (`Table.problems`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Type = Literal["string", "bool", "int", "double", "timestamp", "strings", "json"]
Scope = Literal["region", "global", "organization"]

#: Columns that every table has, with their documentation.
STANDARD: Mapping[str, tuple[Type, str]] = {
    "arn": ("string", "The Amazon Resource Name; the key of the row."),
    "account_id": ("string", "The account whose credentials read the row."),
    "region": ("string", "The Region of the resource, or `global`."),
    "tags": ("json", "The tags as a JSON object of name to value; NULL where not readable."),
    "_errors": ("strings", "The calls that failed for this row, as `call code`."),
}


@dataclass(frozen=True, slots=True)
class Col:
    """A column's source: `path` in the item, and what an absent member means.

    `optional` says that AWS leaves the member out when there is nothing to say; then `default`
    (or the empty value of the type) stands in the row. Without it an absent member is NULL:
    AWS did not say. Lists are always optional: AWS omits empty ones.
    """

    path: str
    type: Type | None = None
    doc: str = ""
    optional: bool = False
    default: Any = None


def opt(path: str, default: Any = None, *, type: Type | None = None, doc: str = "") -> Col:
    """A member that AWS omits when there is nothing to say (not when we may not read it)."""
    return Col(path, type=type, doc=doc, optional=True, default=default)


def col(path: str, type: Type, doc: str = "", *, default: Any = None) -> Col:
    """A column whose type the service model cannot give: a JMESPath, or a computed key."""
    return Col(path, type=type, doc=doc, optional=default is not None, default=default)


@dataclass(frozen=True, slots=True)
class Ref:
    """A parameter or column taken from somewhere else than the item: see `item` and `parent`."""

    source: Literal["item", "parent", "context", "lookup"]
    path: str
    default: Any = None


def item(path: str) -> Ref:
    """As a call's parameter: the member of the item that the listing gave."""
    return Ref("item", path)


def parent(path: str, default: Any = None) -> Ref:
    """The parent row's column (`parent=` tables) or the source item's path (`source=` tables)."""
    return Ref("parent", path, default)


def lookup(table: str, value: str, on: str) -> Ref:
    """As a column: `value` of the row of another table whose ARN is this row's column `on`.

    Joined when the tables are read, so it costs no call; empty where `on` is empty, NULL where the
    other row is not there or not readable.
    """
    return Ref("lookup", f"{table}.{value}", on)


def context(name: Literal["account_id", "region", "partition"]) -> Ref:
    """The account, Region or partition being read."""
    return Ref("context", name)


@dataclass(frozen=True, kw_only=True)
class Call:
    """One operation of AWS's API.

    `params` are constants or references (`item("Name")`, `parent("arn")`). `absent` maps an
    expected error code to what it means: for a detail call the value of its columns (a mapping of
    column to value, or one value for all of them), for a listing the items (`[]`, or one item).
    Any other error leaves NULL and is recorded, and so does an answer without anything in it
    (`EmptyAnswer`) unless `absent` says what it means or it is a listing, which may be of nothing;
    `says` marks those whose answer AWS never leaves empty. `again` (JMESPath on the answer of a
    `describe`) says that AWS is still at it: asked again, at growing pauses, for half a minute.
    `shared` marks a detail call that other tables make too, with the same parameters: made once.
    `action` is spelled where IAM's name
    differs from the operation's (`ListBuckets` is `s3:ListAllMyBuckets`). `batch` names the list
    parameter of a call that answers for many ids at once, `size` how many it takes.
    """

    operation: str
    items: str = ""
    params: Mapping[str, Any] = field(default_factory=dict)
    columns: Mapping[str, str | Col] = field(default_factory=dict)
    absent: Mapping[str, Any] = field(default_factory=dict)
    action: str = ""
    service: str = ""
    region: str = ""
    batch: str = ""
    size: int = 100
    match: str = ""
    when: str = ""
    says: bool = False
    again: str = ""
    shared: bool = False


@dataclass(frozen=True, kw_only=True)
class Table:
    """One kind of resource as AWS's API describes it.

    Rows come from `list` (once per account x Region, or once per row of `parent`), optionally
    through `describe` (the listing gives ids, the description items), or from the items of the
    table `source` (no further call). `details` are asked per item, only when a column of theirs is
    read. `transform` turns one item into any number of items, for what paths cannot say; `prepare`
    is given the client before the listing, for reports that must be ordered first.
    `recursive` lists below every row again, as below the parent (units within units).
    `actions` names what `prepare` calls, for the scanning role's policy.
    `max_items` bounds a listing that could be endless (0: no bound); cut listings are `partial`.
    """

    name: str
    service: str
    arn: str
    list: Call | None = None
    describe: Call | None = None
    columns: Mapping[str, str | Col | Ref] = field(default_factory=dict)
    details: tuple[Call, ...] = ()
    parent: str = ""
    source: str = ""
    items: str = ""
    scope: Scope = "region"
    tags: str = ""
    item_region: str = ""
    transform: Callable[[dict[str, Any], Mapping[str, str]], Iterable[dict[str, Any]]] | None = None
    prepare: Callable[[Any], None] | None = None
    recursive: bool = False
    resource: bool = True
    iam_prefix: str = ""
    doc: str = ""
    max_items: int = 0
    actions: tuple[str, ...] = ()

    def calls(self) -> tuple[Call, ...]:
        """Every call of the table: the listing, the description, the details."""
        return tuple(c for c in (self.list, self.describe, *self.details) if c)
