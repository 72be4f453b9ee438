"""`sharedline evidence publish`: the newest head, where this machine cannot rewrite it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sharedline.cli.common import folder_option, format_option

if TYPE_CHECKING:
    from sharedline.comply.evidence.heads import Head
    from sharedline.comply.evidence.store import Store

_PEM = click.Path(path_type=Path, exists=True, dir_okay=False)


@click.command(name="publish")
@folder_option
@format_option("text", "json")
@click.option("--to", "paths", type=click.Path(path_type=Path), multiple=True, metavar="PATH")
@click.option(
    "--git",
    "repository",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="A repository: an annotated tag with the head as its message.",
)
@click.option("--push", "remote", default="", help="With --git: push the tag to this remote.")
@click.option("--write-s3", default="", metavar="s3://…", help="A bucket with Object Lock.")
@click.option(
    "--retain-days", type=click.IntRange(1), help="With --write-s3: so long nobody can delete it."
)
@click.option(
    "--lock-mode",
    type=click.Choice(("compliance", "governance")),
    default="compliance",
    show_default=True,
)
@click.option("--timestamp", "url", default="", metavar="URL", help="An RFC 3161 authority.")
@click.option("--timestamp-roots", type=_PEM, help="With --timestamp: its root certificates, PEM.")
@click.option("--key", type=_PEM, help="The private key, if not in the log's own folder.")
@click.option("--profile", default="", help="A profile of the AWS configuration.")
@click.option("--endpoint-url", default="", help="Any AWS-compatible endpoint.")
def command(folder: Path, fmt: str, url: str, key: Path | None, **options: Any) -> int:
    """Publish the signed head of the log outside this machine.

    To a file or folder (--to), a git tag, an S3 object that nobody can delete, and stamped with the
    time by an authority. The log is verified first: a head over a changed log is not published.
    """
    from sharedline.cli import out
    from sharedline.comply.evidence.store import open_store
    from sharedline.comply.evidence.verify import verify
    from sharedline.errors import Error
    from sharedline.project import open_project

    _refuse(url, options)
    store = open_store(open_project(folder).evidence, key=key)
    verdict = verify(store.folder)
    if verdict.wrong:
        raise Error(f"The log is not whole: {verdict.wrong[0]}", "Restore it from a copy first.")
    where = []
    if url:
        where.append(f"stamped by {url}: {_stamp(store, url, options['timestamp_roots'])}")
    head = store.head()
    if head is None:
        raise Error("The log is empty.", "Run `sharedline evidence record` first.")
    where += _publish(head, store, options)
    if fmt == "json":
        out.as_json(
            {"size": head.size, "root": head.root.hex(), "key": head.key, "published": where}
        )
        return 0
    out.line(f"The head of {head.size} items, root {head.root.hex()}:")
    for place in where:
        out.line(f"  {place}")
    return 0


def _refuse(url: str, options: dict[str, Any]) -> None:
    from sharedline.errors import Error

    if not (url or options["paths"] or options["repository"] or options["write_s3"]):
        raise Error("Say where to.", "Give --to, --git, --write-s3 or --timestamp.")
    if bool(url) != bool(options["timestamp_roots"]):
        raise Error("--timestamp and --timestamp-roots belong together.", "Give both.")
    if bool(options["write_s3"]) != bool(options["retain_days"]):
        raise Error("--write-s3 and --retain-days belong together.", "Say how many days.")
    if options["remote"] and not options["repository"]:
        raise Error("--push needs --git.", "Name the repository.")


def _stamp(store: Store, url: str, roots: Path) -> str:
    from sharedline.comply.evidence.timestamps import over_http, stamp

    head = stamp(store, over_http(url), roots.read_bytes())
    return f"the head of {head.size} items"


def _publish(head: Head, store: Store, options: dict[str, Any]) -> list[str]:
    from sharedline.cli import out
    from sharedline.comply.evidence import publish

    where = [str(publish.to_path(head, path)) for path in options["paths"]]
    if options["repository"]:
        tag = publish.to_git(head, options["repository"], options["remote"])
        pushed = f", pushed to {options['remote']}" if options["remote"] else ""
        where.append(f"tag {tag} in {options['repository']}{pushed}")
        if not pushed:
            out.note("The tag is on this machine only: push it (--push origin).")
    if options["write_s3"]:
        from sharedline.trail.sources import Aws

        client = Aws(options["profile"], options["endpoint_url"]).client("s3")
        where.append(
            publish.write_to_s3(
                head,
                options["write_s3"],
                options["retain_days"],
                store.clock(),
                client,
                options["lock_mode"].upper(),
            )
        )
    return where
