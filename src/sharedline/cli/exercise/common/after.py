"""What the verbs after an exercise share: the newest scan, where there is one."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sharedline.project import Project
    from sharedline.results import Results


def latest(project: Project) -> Results | None:
    """The newest scan of a project; None where none was made."""
    from sharedline.inventory.lake import Lake
    from sharedline.results import Results

    lake = Lake(project.lake_url)
    scans = lake.scans()
    return Results(lake, scans[-1], project) if scans else None
