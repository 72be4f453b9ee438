"""Exercises: scenarios as values and files, composed from the gaps of a scan."""
