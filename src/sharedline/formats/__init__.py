"""Findings, gaps and the matrix in the formats that other tools read, streamed piece by piece.

`findings` come as json, csv, markdown, sarif, ocsf and asff; `gaps` and the `matrix` as json, csv
and markdown. Every piece is text to be written one after another: nothing is held in whole, so that
a scan of a hundred thousand findings costs no more memory than one of ten.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sharedline.results import Results

FINDINGS = ("json", "csv", "markdown", "sarif", "ocsf", "asff")
ROWS = ("json", "csv", "markdown")


def render(name: str, results: Results, where: str = "true") -> Iterator[str]:
    """The findings for which `where` (SQL over the columns of a finding) holds, in a format."""
    from sharedline.formats import asff, ocsf, records, sarif

    makers = {"sarif": sarif.render, "ocsf": ocsf.render, "asff": asff.render}
    if name in makers:
        return makers[name](results, where)
    return records.findings(name, results, where)


def render_gaps(name: str, results: Results, owner: str = "") -> Iterator[str]:
    """The gaps (of one owner, if named), in a format."""
    from sharedline.formats import records

    return records.rendered(name, results.gaps(owner), records.GAP)


def render_matrix(name: str, results: Results) -> Iterator[str]:
    """The cells of the matrix, in a format."""
    from sharedline.formats import records

    return records.rendered(name, results.cells(), records.CELL)


__all__ = ["FINDINGS", "ROWS", "render", "render_gaps", "render_matrix"]
