"""The same operations for programs, under `/api/v1`; one file per group."""
