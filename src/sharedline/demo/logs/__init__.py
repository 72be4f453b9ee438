"""The log files of the example organisation's trail: a month of ordinary work, and one night."""
