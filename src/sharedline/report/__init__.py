"""The report of a scan: one HTML file that needs no network, no script and no server."""
