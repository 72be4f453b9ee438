"""The policy language: parse, evaluate, compare, who can do what, and how far that leads."""
