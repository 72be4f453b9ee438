"""Keeps ended exercises in the project's evidence log: what the command line and the pages call."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from sharedline.state.database import Database
from sharedline.state.tables import EXERCISE_RUN as RUN

if TYPE_CHECKING:
    from sharedline.comply.evidence.store import Store
    from sharedline.project import Project


def keep(project: Project, store: Store | None = None, database: Database | None = None) -> int:
    """Writes the ended exercises that the log does not hold; how many were written.

    `store` and `database` are the project's where they are not open yet; a project without a log
    keeps nothing. Where no exercise has ended, which is one look into the database, nothing of
    exercises is imported.
    """
    with contextlib.ExitStack() as stack:
        if database is None:
            database = stack.enter_context(contextlib.closing(Database(project.database_url)))
        with database.read() as connection:
            ended = RUN.select().where(RUN.c.status == "ended").limit(1)
            if connection.execute(ended).first() is None:
                return 0
        from sharedline.comply.evidence.store import found_store
        from sharedline.exercise.record import record

        store = store or found_store(project.evidence)
        return record(store, project, database) if store else 0
