"""The `sharedline` command: finds the verb, runs it, explains errors once, at the edge."""

from __future__ import annotations

import os
import sys
from typing import Any

import click

from sharedline import __version__
from sharedline.cli.verbs import Verbs
from sharedline.errors import DISK, Error, Unavailable

#: What `--help` says of each verb; a test compares it with the verbs' own help.
SUMMARIES = {
    "assess": "Judge the last scan again, without reading AWS.",
    "attest": "State that a duty was done, with evidence and an expiry.",
    "checks": "List the checks, show one, or run their examples.",
    "claim": "Say that a finding is fixed; the next scan verifies it.",
    "comply": "Map policies and controls to what proves them.",
    "demo": "Make and scan an example estate in a folder.",
    "diff": "What changed between two scans.",
    "duties": "The duty catalogue, and the line of a service.",
    "evidence": "Keep evidence that cannot be changed unseen.",
    "exercise": "Rehearse: scenarios from the real gaps; whose side, which owner, which runbook.",
    "findings": "Every answer of every check.",
    "gaps": "What is unmet, unknown, unowned or unverified, worst first.",
    "iam": "Who can do what, why, how far that leads, and what fits the use.",
    "incident": "The chain behind a finding, whose duty failed, what would have stopped it.",
    "init": "Make a project folder: owners, waivers, settings.",
    "jobs": "Scans, notices and tickets at their times.",
    "matrix": "The responsibility matrix: service by duty.",
    "notify": "Tell owners what is new, what expires and what is due, each thing once.",
    "owners": "Who owns a duty on a resource, and which rule says so.",
    "permissions": "The least IAM policy that the scan needs.",
    "push": "Write findings into other systems, on request only.",
    "query": "Run a SELECT over the tables of a scan.",
    "report": "Write the report: one HTML file.",
    "runbooks": "Response procedures: what they answer, whose they are, when they were tested.",
    "scan": "Read AWS, draw the line, check the customer's side.",
    "scans": "The scans in the lake.",
    "serve": "Serve the pages: matrix, gaps, flow, exercises, and the API.",
    "show": "One resource: its line, findings, owner, evidence.",
    "tables": "The inventory tables and their columns.",
    "tickets": "Issues in Jira for findings; done there is claimed here, only a scan verifies.",
    "trail": "Read the logs, and say what happened and who looked.",
    "users": "Who may sign in: people, their roles and teams, their tokens.",
    "waive": "Accept an exception, with a reason, an approver, an expiry.",
}


@click.group(
    cls=Verbs,
    package="sharedline.cli",
    summaries=SUMMARIES,
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(__version__, prog_name="sharedline")
def command() -> None:
    """Draw AWS's shared responsibility line per resource, name the owner, and verify.

    Exit codes: 0 nothing unmet, 1 gaps found, 2 usage or configuration, 3 incomplete
    (something could not be read; it is listed).
    """


def main(argv: list[str] | None = None) -> None:
    """Runs the command and exits; errors for users are printed without a traceback."""
    try:
        code: Any = command.main(args=argv, prog_name="sharedline", standalone_mode=False)
    except (Error, Unavailable) as error:
        click.echo(f"sharedline: {_plain(error.message)}", err=True)
        for more in (getattr(error, "detail", ""), error.advice):
            if more:
                click.echo(_plain(more), err=True)
        code = error.exit_code
    except click.ClickException as error:
        error.show()
        code = 2
    except (click.Abort, KeyboardInterrupt):
        click.echo(
            "sharedline: interrupted. What was read is kept: `sharedline scan --resume` goes on.",
            err=True,
        )
        code = 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 0
    except OSError as error:
        if error.errno not in DISK:
            raise
        click.echo(f"sharedline: {_plain(str(error))}.", err=True)
        click.echo("Check the disk's space and the folder's permissions.", err=True)
        code = 2
    sys.exit(code if isinstance(code, int) else 0)


def _plain(text: str) -> str:
    from sharedline.text import visible

    return visible(text)


if __name__ == "__main__":
    main()
