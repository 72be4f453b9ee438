"""Acts of people on a project folder: making it, attesting a duty, claiming a finding."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from datetime import datetime
from importlib import resources
from pathlib import Path

from sharedline.checks.load import load as load_checks
from sharedline.duties.catalogue import load as load_duties
from sharedline.errors import ConfigError, Error
from sharedline.model import Attestation
from sharedline.project import Project
from sharedline.state import Claim, State


def init(folder: Path) -> Iterator[tuple[Path, bool]]:
    """Makes a project folder from the template; yields each path and whether it was made."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name in ("checks", "tables", "runbooks", "policies"):
            (folder / name).mkdir(exist_ok=True)
    except OSError as error:
        raise Error(f"{folder} cannot be made ({error}).", "Choose another folder.") from error
    template = Path(str(resources.files("sharedline"))) / "template"
    for source in sorted(template.iterdir()):
        target = folder / source.name.replace("dot_", ".")
        if target.exists():
            yield target, False
            continue
        target.write_text(source.read_text("utf-8"), "utf-8")
        yield target, True


def _touch(project: Project, moment: datetime) -> None:
    """Marks that something changed, so that the next look judges the scan again."""
    project.attested.write_text(moment.isoformat(), "utf-8")


def attest(project: Project, attestation: Attestation) -> None:
    """Keeps an attestation; `ConfigError` where there is no such duty."""
    duties = load_duties().duties
    if attestation.duty not in duties:
        near = [d for d in duties if attestation.duty.split(".")[-1] in d] or list(duties)[:5]
        raise ConfigError(
            f"There is no duty {attestation.duty!r}.", f"For example {', '.join(near[:5])}."
        )
    if not attestation.evidence.strip() or not attestation.by.strip():
        raise ConfigError("Evidence and a person are needed.", "Give --evidence and --by.")
    with contextlib.closing(State(project.database_url)) as state:
        state.attest(attestation)
    _touch(project, attestation.at)


def claim(project: Project, made: Claim) -> None:
    """Keeps a claim; `ConfigError` where there is no such check."""
    load_checks([made.check], project.checks)
    with contextlib.closing(State(project.database_url)) as state:
        state.claim(made)
    _touch(project, made.at)
