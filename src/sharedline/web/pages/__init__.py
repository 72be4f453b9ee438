"""One file per group of pages; each has a `router`, found by its path."""
