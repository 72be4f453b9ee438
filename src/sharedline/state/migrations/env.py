"""Asked for by Alembic's own command; Sharedline takes the steps itself, when it opens."""
