"""Checks: statements about the desired state, one SQL file each, with example rows beside it."""
