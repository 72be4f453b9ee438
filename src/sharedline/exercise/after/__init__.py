"""After an exercise: what was expected, what happened, why, and what is to be done about it.

`findings` says what went wrong and what caused it, `report` puts everything together as plain
values, and `page`, `pdf` and `text` write that for people.
"""
