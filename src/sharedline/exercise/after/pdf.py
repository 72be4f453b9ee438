"""The report as PDF through WeasyPrint; nothing is fetched, from no network and no disk."""

from __future__ import annotations

from typing import Any

from sharedline.errors import Error
from sharedline.exercise.after.page import render


def write(data: dict[str, Any]) -> bytes:
    """The PDF of a report; `Error` where WeasyPrint or the libraries it draws with are missing."""
    try:
        import weasyprint
        from weasyprint.urls import URLFetcher
    except (ImportError, OSError) as error:  # OSError: Pango is not there to be loaded
        raise Error(
            f"PDF needs WeasyPrint and Pango ({type(error).__name__}).",
            "pip install 'sharedline[web]' and install Pango (Debian: libpango-1.0-0, "
            "libpangoft2-1.0-0), or write --format html and print that.",
        ) from error

    class Refusing(URLFetcher):  # type: ignore[misc] # it has no types
        def fetch(self, url: str, headers: Any = None) -> Any:  # noqa: ARG002
            """Refuse: the page is whole by itself."""
            raise ValueError(f"the report loads nothing, and not {url[:80]}")

    page = weasyprint.HTML(string=render(data), url_fetcher=Refusing(), base_url=None)
    # Tagged, so that it can be read aloud, and found by its headings.
    written = page.write_pdf(pdf_variant="pdf/ua-1")
    assert isinstance(written, bytes)
    return written
