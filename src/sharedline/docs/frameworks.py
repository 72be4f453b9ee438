"""The reference page of the frameworks: how much of each is drawn, and what nothing proves."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from itertools import groupby

from sharedline.checks.load import load as load_checks
from sharedline.comply.catalogue import ids, load
from sharedline.comply.cover import Proof, prove
from sharedline.comply.model import Framework
from sharedline.docs.markdown import code, page, table
from sharedline.model import Side

_HEAD = (
    "framework",
    "parts",
    "AWS's",
    "shared",
    "yours",
    "a check names it",
    "a check names what it restates",
    "a check of its duty",
    "AWS's report",
    "only a statement",
)


def text() -> str:
    """The page."""
    intro = (
        "The frameworks that Sharedline knows. For each control part the line says who must act "
        "(AWS, you, both) and what AWS offers; the right half says what can prove it, the "
        "strongest proof of each part only. Headers and withdrawn controls are not counted. "
        "Text is shipped only where the publisher lets it be; otherwise titles are our own."
    )
    checks = load_checks()
    known = [load(name) for name in ids()]
    proofs = {f.id: [p for p in prove(f, checks).values() if not p.part.header] for f in known}
    rows = [_row(f, proofs[f.id]) for f in known]
    return page(
        "Frameworks", intro, [table(_HEAD, rows), *(_section(f, proofs[f.id]) for f in known)]
    )


def _row(framework: Framework, proofs: Iterable[Proof]) -> list[object]:
    found = list(proofs)
    sides = Counter(p.part.side for p in found)
    how = Counter(p.how for p in found)
    name = f"[{framework.id}](#{''.join(c for c in framework.id if c not in '.')})"
    return [
        name,
        len(found),
        *(sides[side] for side in (Side.AWS, Side.SHARED, Side.CUSTOMER)),
        how["named"],
        how["mapped"],
        how["duty"],
        how["report"],
        how["statement"],
    ]


def _section(framework: Framework, proofs: list[Proof]) -> str:
    shipped = "text included" if framework.text else "ids, with titles of our own"
    head = (
        f"## {framework.id}\n\n{framework.title}, {framework.version}, by {framework.publisher}: "
        f"<{framework.url}> (read {framework.read}). {framework.licence}; {shipped}."
    )
    alone = [p for p in proofs if p.how == "statement"]
    undrawn = [p for p in proofs if p.how == "unknown"]
    parts = [head]
    if alone:
        parts.append(f"No check can prove these {len(alone)}; a person must state them:")
        parts.append(_listed(alone))
    if undrawn:
        parts.append(f"Nobody has drawn the line for these {len(undrawn)}:")
        parts.append(_listed(undrawn))
    return "\n\n".join(parts)


def _listed(proofs: list[Proof]) -> str:
    """Ids, one line for each control, with its title."""
    lines = []
    for control, some in groupby(proofs, key=lambda p: p.part.control):
        found = list(some)
        names = ", ".join(code(p.part.id) for p in found)
        lines.append(f"- {names}: {found[0].part.title}" if control else names)
    return "\n".join(lines)
