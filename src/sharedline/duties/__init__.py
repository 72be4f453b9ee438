"""Duties: the catalogue, the lines that give sides, the owners, and the matrix of it all."""
