"""How far permissions lead: the ways from one principal to another, as rules and as a graph."""
