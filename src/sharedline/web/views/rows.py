"""A page of rows as the API answers it."""

from __future__ import annotations

from typing import Any

from sharedline.browse.gaps import Filters, Page
from sharedline.web.views.looking import Look

#: The most values of one field that are counted out.
MOST = 200


def answer(seen: Look, filters: Filters) -> dict[str, Any]:
    """A page of rows with its totals and what each value of each field would leave."""
    found = seen.page(filters)
    return {
        "scan": found.scan,
        "total": found.total,
        "page": filters.page,
        "pages": found.pages,
        "size": filters.size,
        "rows": found.rows,
        "counts": counts(found),
    }


def counts(found: Page) -> dict[str, dict[str, int]]:
    """By field how many rows each value would leave."""
    return {
        name: {value: n for value, n, _ in facet.values[:MOST]}
        for name, facet in found.facets.items()
    }
