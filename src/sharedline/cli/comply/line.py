"""`sharedline comply line`: the line through a framework, control part by control part."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sharedline.cli.common import folder_option, format_option

if TYPE_CHECKING:
    from sharedline.comply.model import Framework, Part

#: What the machine formats print, in this order; add at the end, rename nothing.
COLUMNS = (
    "control_part",
    "duty_view",
    "capability_view",
    "aws",
    "customer",
    "source",
    "read",
    "title",
    "duties",
    "baselines",
    "header",
    "fedramp_origination",
    "crm_inherited",
    "ccm_ownership",
    "pci_responsibility",
    "oscal_origination",
)


@click.command(name="line")
@click.argument("parts", nargs=-1)
@click.option("--framework", "name", required=True, help="Its id, see `comply frameworks`.")
@click.option("--baseline", default="", help="Only the controls of a baseline, as moderate.")
@click.option(
    "--side", type=click.Choice(("aws", "shared", "customer", "unknown")), help="Only one side."
)
@folder_option
@format_option()
def command(
    parts: tuple[str, ...], name: str, baseline: str, side: str | None, folder: Path, fmt: str
) -> int:
    """Who must act on each control part, and what AWS offers.

    Two views: the duty view says who must act (aws, customer, shared); the capability view says
    what AWS offers (native, configurable, inherited, inherited-and-configurable, custom). PARTS
    are ids as AC-2, "AC-2 (1)" or ac-2.1; a control brings its lettered parts.
    """
    from sharedline.cli import out
    from sharedline.comply import catalogue
    from sharedline.project import open_project

    framework = catalogue.load(name, open_project(folder).frameworks)
    chosen = [p for p in _asked(framework, parts, baseline) if side in (None, p.side.value)]
    found = [_row(p) for p in chosen]
    if out.rows(fmt, found, COLUMNS):
        return 0
    if parts:
        for part in chosen:
            _whole(part)
    else:
        narrow = (("control_part", "Part", 14), ("duty_view", "Who acts", 9))
        offer = ("capability_view", "AWS offers", 26)
        out.table(
            [{**row, "does": row["customer"] or row["aws"]} for row in found],
            (*narrow, offer, ("title", "Title", 0)),
            wide=(*narrow, offer, ("title", "Title", 40), ("does", "What they do", 0)),
        )
        click.echo(
            f"\n{len(found):,} parts. Open one: sharedline comply line --framework {name} PART"
        )
    return 0


def _asked(framework: Framework, spelled: tuple[str, ...], baseline: str) -> Iterator[Part]:
    from sharedline.comply.catalogue import part_of
    from sharedline.errors import Error

    if baseline and baseline not in framework.baselines:
        known = ", ".join(framework.baselines) or "none"
        raise Error(f"{framework.id} has no baseline {baseline!r}.", f"It has {known}.")
    named = set()
    for one in spelled:
        part = part_of(framework, one)
        if part is None:
            raise Error(
                f"{framework.id} has no part {one!r}.",
                f"See `sharedline comply line --framework {framework.id}`.",
            )
        named.add(part.id)
    for part in framework.parts.values():
        wanted = not named or part.id in named or part.control in named
        if wanted and not part.withdrawn and (not baseline or baseline in part.baselines):
            yield part


def _row(part: Part) -> dict[str, Any]:
    from sharedline.comply.values import spoken

    said = spoken(part)
    return {
        "control_part": part.id,
        "duty_view": part.side.value,
        "capability_view": part.capability.value if part.capability else "",
        "aws": part.aws,
        "customer": part.you,
        "source": part.source,
        "read": part.read.isoformat() if part.read else "",
        "title": part.title,
        "duties": list(part.duties),
        "baselines": list(part.baselines),
        "header": part.header,
        "fedramp_origination": said.fedramp,
        "crm_inherited": said.crm,
        "ccm_ownership": said.ccm,
        "pci_responsibility": said.pci,
        "oscal_origination": said.oscal,
    }


def _whole(part: Part) -> None:
    """Everything about one part, for reading."""
    from sharedline.cli import out
    from sharedline.comply.values import spoken
    from sharedline.model import Side

    who = {Side.AWS: "AWS", Side.CUSTOMER: "you", Side.SHARED: "AWS and you"}
    out.line(f"{part.id}  {part.title}")
    if part.text:
        out.wrapped(part.text, indent=2)
    if part.header:
        out.line("  Only introduces the parts below it.")
    out.line(f"  Who acts: {who.get(part.side, 'nobody drew the line here')}")
    if part.capability:
        out.line(f"  AWS offers: {part.capability.value}")
    for name, text in (("AWS", part.aws), ("You", part.you)):
        if text:
            out.wrapped(f"{name}: {text}", indent=2)
    said = spoken(part)
    if said.fedramp:
        words = f"FedRAMP: {said.fedramp}; CRM {said.crm}; CCM {said.ccm}; PCI {said.pci}"
        out.wrapped(words, indent=2)
    if part.duties:
        out.wrapped(f"Duties: {', '.join(part.duties)}", indent=2)
    if part.source:
        out.line(f"  Source: {part.source}" + (f" (read {part.read})" if part.read else ""))
    out.line("")
