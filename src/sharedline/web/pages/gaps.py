"""The gaps: a list with filters in its address, and one finding with what can be done about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request
from markupsafe import Markup
from starlette.responses import HTMLResponse

from sharedline.browse.fields import FIELDS
from sharedline.browse.gaps import Facet, Filters, Page, from_query
from sharedline.duties.catalogue import load as load_duties
from sharedline.people.model import Action
from sharedline.web.access import See, query_of
from sharedline.web.app import Nav
from sharedline.web.render import engine, page
from sharedline.web.views.finding import about
from sharedline.web.views.looking import Look, href_of, look, row_or_404

router = APIRouter()
NAV = Nav("Gaps", "/gaps", Action.SEE, 20)

TITLES = {
    "status": "Status", "severity": "Severity", "owner": "Owner", "owned": "Owned",
    "account": "Account", "region": "Region", "duty": "Duty", "service": "Service",
    "side": "Whose side", "life": "Life", "check": "Check", "age": "Days since first seen",
    "change": "Since the scan before",
}  # fmt: skip
SAYS = {
    ("side", "aws"): "AWS", ("side", "customer"): "yours", ("age", "0-7"): "under 7",
    ("age", "7-30"): "7 to 30", ("age", "30-90"): "30 to 90", ("age", "90-"): "over 90",
    ("age", "none"): "not dated", ("change", "none"): "nothing to compare",
    ("change", "worse"): "became unmet", ("change", "lost"): "became unknown",
    ("change", "other"): "otherwise changed", ("life", "none"): "none",
    ("owned", "no"): "nobody’s", ("owned", "yes"): "somebody’s",
}  # fmt: skip
ROWS = (("gaps", "Gaps"), ("all", "All findings"), ("gone", "Gaps that are gone"))
ORDERS = (("worst", "Worst first"), ("oldest", "Oldest first"), ("newest", "Newest first"))
HEADINGS = {"gaps": "Gaps", "all": "Findings", "gone": "Gaps that are gone"}
NOUNS = {"gaps": "gap", "all": "row", "gone": "gap"}
#: Values of a field that are offered; the first of them unfolded.
OFFERED = 40
_OPEN = ("status", "severity", "owner")
#: What was done, said on the page that shows it.
DONE = {
    "claim": "Claimed. The next scan verifies it, or finds it unmet still.",
    "comment": "Your comment is kept.",
    "waive": "Waived. It stands at the end of waivers.toml: review and commit it.",
}


@dataclass(frozen=True, slots=True)
class Value:
    """One value of a field that can be filtered by."""

    value: str
    label: str
    count: int
    asked: bool


@dataclass(frozen=True, slots=True)
class Fold:
    """A field with its values, as the form shows them."""

    field: str
    title: str
    values: list[Value]
    asked: int
    hidden: int
    open: bool


def label_of(field: str, value: str) -> str:
    """How a value is written for people."""
    if field == "duty":
        duty = load_duties().duties.get(value)
        return duty.title if duty else value
    if field == "service":
        return load_duties().name_of(value)
    return SAYS.get((field, value), value) or "(none)"


def _fold(facet: Facet) -> Fold:
    kept = [v for n, v in enumerate(facet.values) if n < OFFERED or v[2]]
    values = [Value(v, label_of(facet.field, v), n, asked) for v, n, asked in kept]
    asked = sum(v.asked for v in values)
    title = TITLES.get(facet.field, facet.field.title())
    unfolded = bool(asked) or facet.field in _OPEN
    return Fold(facet.field, title, values, asked, len(facet.values) - len(values), unfolded)


def folds(found: Page) -> list[Fold]:
    """The fields of the form; one that has nothing to choose from is left out."""
    shown = [_fold(found.facets[name]) for name in FIELDS if name in found.facets]
    return [f for f in shown if f.asked or len(f.values) > 1]


def chips(filters: Filters) -> list[dict[str, str]]:
    """The filters in force, each with the address without it."""
    found = [
        {
            "field": TITLES.get(name, name),
            "value": label_of(name, value),
            "href": f"?{filters.toggled(name, value).query()}",
        }
        for name in FIELDS
        for value in sorted(getattr(filters, name))
    ]
    if filters.text:
        without = filters.but(text="").query()
        found.append({"field": "Text", "value": filters.text, "href": f"?{without}"})
    if filters.scan:
        without = filters.but(scan="").query()
        found.append({"field": "Scan", "value": filters.scan, "href": f"?{without}"})
    return found


def shown(seen: Look, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows with their titles and where they open to."""
    return [{**row, "title": seen.title(row), "href": href_of(row)} for row in rows]


def _partial(request: Request) -> bool:
    """Whether the list alone is asked for; not where the browser goes back to the page."""
    headers = request.headers
    return headers.get("hx-request") == "true" and headers.get("hx-target", "").endswith("#gaps")


@router.get("/gaps", response_class=HTMLResponse)
def gaps(request: Request, person: See) -> HTMLResponse:
    """The list; htmx asks for the piece that changes."""
    filters = from_query(request.query_params.multi_items())
    with look(request, person, filters.scan) as seen:
        # Drawn once until somebody claims, waives or comments: nothing in it is of one person.
        version = seen.live.overlay(seen.index).version
        key = ("gaps-body", seen.scope, filters, version)
        body: Markup = seen.index.kept(key, lambda: _body(seen, filters), weight=2_000)
    if _partial(request):
        answer = HTMLResponse(body)
    else:
        answer = page(request, "gaps/list.html", title=HEADINGS[filters.rows], body=body)
    if _partial(request):  # the address without what is usual or empty
        query = filters.query()
        answer.headers["hx-push-url"] = f"/gaps?{query}" if query else "/gaps"
    return answer


def _body(seen: Look, filters: Filters) -> Markup:
    found = seen.page(filters)
    query = filters.query()
    drawn = engine().get_template("gaps/body.html")
    html = drawn.render(
        heading=HEADINGS[filters.rows],
        noun=NOUNS[filters.rows],
        found=Page(shown(seen, found.rows), *(getattr(found, k) for k in _REST)),
        facets=folds(found),
        chips=chips(filters),
        as_of=seen.as_of,
        api=f"?{query}" if query else "",
        pages_of={n: f"/gaps?{_at(filters, n)}" for n in _near(filters.page, found.pages)},
        first=f"?{_at(filters, 1)}",
        ROWS=ROWS,
        ORDERS=ORDERS,
    )
    return Markup(html)  # noqa: S704 the template escaped it


_REST = ("total", "pages", "facets", "filters", "scan", "unfinished")


def _at(filters: Filters, number: int) -> str:
    from dataclasses import replace

    return replace(filters, page=number).query()


def _near(number: int, pages: int) -> list[int]:
    return [n for n in (number - 1, number + 1) if 1 <= n <= pages]


@router.get("/gaps/finding", response_class=HTMLResponse)
def finding(request: Request, person: See) -> HTMLResponse:
    """One finding: what is wrong, why it matters, how to mend it, what was said and done."""
    args = query_of(request)
    check, resource = args.get("check", ""), args.get("resource", "")
    with look(request, person) as seen:
        row = row_or_404(seen, check, resource, args.get("account", ""))
        found = about(seen, row)
    return page(
        request,
        "gaps/finding.html",
        title=f"{found['heading']}: {resource}"[:200],
        done=DONE.get(args.get("done", ""), ""),
        may={a.value: person.may(a) for a in (Action.CLAIM, Action.COMMENT, Action.WAIVE)},
        **found,
    )
