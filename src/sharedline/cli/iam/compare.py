"""`sharedline iam compare`: whether a new policy allows more, with a request that shows it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sharedline.cli.common import format_option

if TYPE_CHECKING:
    from sharedline.iam.compare.subset import Comparison
    from sharedline.iam.language import Policy

_FILE = click.Path(path_type=Path, exists=True, dir_okay=False)


@click.command(name="compare")
@click.argument("old", type=_FILE, required=False)
@click.argument("new", type=_FILE, required=False)
@click.option("--cases", "path", type=_FILE, help="A file of pairs, one JSON record a line.")
@click.option(
    "--kind",
    type=click.Choice(("identity", "resource")),
    help="What the policies are; by default a policy with principals is a resource's.",
)
@format_option("text", "json")
def command(old: Path | None, new: Path | None, path: Path | None, kind: Any, fmt: str) -> int:
    """Whether a new policy allows anything that the old one does not.

    OLD and NEW are files with a policy each. With --cases, one result a line, in order; the last
    line of text counts those that agree. Exit code 0 where nothing more is allowed, 1 where
    something is or a case does not agree, 2 where a file cannot be read, 3 where it is not known.
    """
    from sharedline.cli import out
    from sharedline.cli.iam.common import run
    from sharedline.iam.compare import labelled
    from sharedline.iam.compare.subset import policy_subset

    if path is not None:
        return run(path, fmt, labelled.compared)
    if old is None or new is None:
        raise click.UsageError("Name two files, OLD and NEW, or --cases FILE.")
    before, after = read_policy(old), read_policy(new)
    found = policy_subset(after, before, kind or labelled.kind_of(after, before))
    if fmt == "json":
        more = labelled.of_comparison(found)
        answer = {True: "PASS", False: "FAIL", None: None}[found.answer]
        out.as_json({"id": new.name, "answer": answer, "reason": found.reason, **more})
    else:
        _explain(found, before, after)
    return {True: 0, False: 1, None: 3}[found.answer]


def read_policy(path: Path) -> Policy:
    """The policy in a file; one that is malformed is an error that names the place."""
    from sharedline.iam.parse import parse, strict

    text = path.read_text(encoding="utf-8-sig", errors="replace")
    policy = parse(text, path.name)
    return policy if policy.whole else strict(text, path.name)


def _explain(found: Comparison, old: Policy, new: Policy) -> None:
    from sharedline.cli import out
    from sharedline.cli.iam.common import print_request

    if found.answer is None:
        out.line(f"Unknown: {found.reason}.")
        return
    if found.answer:
        out.line(f"{new.name} allows nothing that {old.name} does not.")
        return
    out.line(f"{new.name} allows more than {old.name}. For example:")
    assert found.witness is not None
    assert found.shown is not None
    print_request(found.witness)
    for one in found.shown.allowed.deciding:
        line, _ = one.statement.place
        out.line(f"  allowed by  {one}" + (f", line {line}" if line else ""))
    out.line(f"  before      {found.shown.refused.reason}")
