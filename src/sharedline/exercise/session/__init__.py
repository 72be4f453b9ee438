"""A session of an exercise: every act is an event that is kept; what holds is folded from them.

`model` says what there is, `fold` makes it of events, `room` is where people act, `store` keeps
it, `view` is what each may see of it.
"""
