"""The benchmarks: `python -m bench [name …]`; each prints figures, none asserts a time."""
