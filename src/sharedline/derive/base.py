"""What a deriver is: which columns it reads, which columns it makes, and the function between.

A deriver makes a table that SQL states badly (the meaning of a policy, the reach of a rule).
Rows come and go as iterators, so that memory stays flat however large the estate.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from sharedline.collect.table import STANDARD, Type

Row = dict[str, Any]
Rows = Mapping[str, Iterable[Row]]


@dataclass(frozen=True, kw_only=True)
class Derivation:
    """A derived table.

    `reads` names the columns it needs of each table; all of them are always given (`arn`,
    `account_id` and `region` too). A table named in `optional` may be missing from the scan: then
    it is missing from what `run` is given. `by_table` says that each row is made from the one table
    that its `table_name` names, so that a check of some of them stands on those alone; where rows
    of such a table are made from others too, `made_from` names those. `of_trail`: SQL over the
    lake's trail makes it (`trail.usage`), there is nothing to run.
    `run` may read each table once, in any order.
    """

    name: str
    doc: str
    reads: Mapping[str, tuple[str, ...]]
    columns: Mapping[str, tuple[Type, str]]
    run: Callable[[Rows], Iterable[Row]]
    optional: frozenset[str] = field(default_factory=frozenset)
    by_table: bool = False
    made_from: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    of_trail: bool = False

    def kinds(self) -> dict[str, Type]:
        """The type of each column, those that every table has first."""
        return {name: kind for name, (kind, _) in {**STANDARD, **self.columns}.items()}

    def rows(
        self, known: Container[str], stream: Callable[[str, tuple[str, ...]], Iterable[Row]]
    ) -> Iterator[Row]:
        """Its rows, from the tables that are known, as `stream` gives them by name and columns."""
        inputs = {name: stream(name, wanted) for name, wanted in self.reads.items() if name in known}
        return ({"tags": "{}", "_errors": [], **row} for row in self.run(inputs))
