"""One file per AWS service: the tables that its API describes."""
