"""Which packs a gantry or a shelf's picker fetches, in which trips: a plan is advice, and never decides what is true.

`horizon` says what is to be planned now; `rule` plans it (packs, trips, order) in plain Python, always the same way; `planner` asks
a worker process for better trips within a deadline and takes them only when `validate` finds nothing wrong with them and our own
times say that they are worth it. All times are whole microseconds. Source of the problem and the rule: lines reference D.
"""
