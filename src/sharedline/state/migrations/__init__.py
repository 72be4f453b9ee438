"""Alembic's steps from an older database to this version's; one file each in `versions/`."""

from __future__ import annotations

from importlib import resources

import sqlalchemy as sa


def upgrade(connection: sa.Connection, revision: str) -> None:
    """Takes the steps that are missing, in the caller's transaction."""
    from alembic.migration import MigrationContext
    from alembic.operations import Operations
    from alembic.script import ScriptDirectory

    script = ScriptDirectory(str(resources.files(__name__)))
    context = MigrationContext.configure(
        connection,
        opts={"fn": lambda rev, _context: script._upgrade_revs(revision, rev)},  # noqa: SLF001
    )
    with Operations.context(context):
        context.run_migrations()
