"""Writes ended exercises into the evidence log: what was found, scored and rated, once for each.

The report that an item stands on lies in the project's folder `after-action/` as it was then, without
the improvement items: those live on.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

from sharedline import __version__
from sharedline.comply.evidence.store import Store
from sharedline.exercise import past
from sharedline.exercise.after.report import as_json, report
from sharedline.exercise.score import score
from sharedline.exercise.session.model import RunState
from sharedline.files import write_whole
from sharedline.project import Project
from sharedline.state.database import Database

#: What an exercise is evidence of, in the catalogues that ship.
CONTROLS = ("nist-800-53-r5:IR-3", "pci-dss-4.0.1:12.10.2")
DUTY = "response.practice"
FOLDER = "after-action"
#: How long it stands: PCI DSS 12.10.2 asks for a test at least once every 12 months.
STANDS = timedelta(days=365)


def record(store: Store, project: Project, database: Database | None = None) -> int:
    """Writes the ended exercises that the log does not hold; how many were written.

    A run in which something was done after it was written (a rating, say) is written again.
    """
    with contextlib.ExitStack() as stack:
        if database is None:
            database = stack.enter_context(contextlib.closing(Database(project.database_url)))
        found = list(past.ended(database))
    if not found:
        return 0
    known = {
        item["ref"]["id"]
        for _, item in store.items()
        if item["kind"] == "exercise" and "id" in item.get("ref", {})
    }
    new = [s for s in found if _id(s) not in known]
    return len(store.append(_items(new, project))) if new else 0


def _id(state: RunState) -> str:
    return hashlib.sha256(f"exercise {state.run} {state.seq}".encode()).hexdigest()


def _items(states: list[RunState], project: Project) -> Iterator[dict[str, Any]]:
    for state in states:
        data = as_json(report(state, score(state)))
        digest = hashlib.sha256(data).hexdigest()
        path = project.folder / FOLDER / f"{state.run}-{digest[:12]}.json"
        if not path.exists():
            write_whole(path, data)
        yield item(state, data, path)


def item(state: RunState, data: bytes, path: Path) -> dict[str, Any]:
    """The item of evidence of an ended run whose report is `data`."""
    assert state.ended_at is not None
    marks = score(state)
    players = len(state.players())
    said = (
        f"Tabletop exercise {state.scenario.title!r}: {players} players in {len(marks.teams)} "
        f"teams, score {marks.told}"
    )
    rated = [f"{name}={grade or 'not rated'}" for name, grade in marks.ratings.items()]
    return {
        "kind": "exercise",
        "duty": DUTY,
        "control": list(CONTROLS),
        "statement": said,
        "result": "stated",
        "observed": state.ended_at,
        "effective": {"from": state.started_at or state.ended_at, "to": state.ended_at},
        "expires": state.ended_at + STANDS,
        "population": len(state.scenario.injects),
        "collector": {"name": "sharedline exercise", "version": __version__},
        "artefact": {
            "name": "after-action report",
            "sha256": hashlib.sha256(data).hexdigest(),
            "bytes": len(data),
            "where": f"{FOLDER}/{path.name}",
        },
        "ref": {
            "id": _id(state),
            "run": state.run,
            "scenario": state.scenario.id,
            "duties": list(state.scenario.duties),
            "score": marks.told,
            "ratings": rated,
            "teams": [t.team for t in marks.teams],
            "players": players,
        },
    }
