"""Documents, members and observed state go in, a ``Plan`` comes out. Pure; nothing of Pulumi is loaded here.

``planner.plan`` is the whole of it; ``model.plan`` holds the values that come out.
"""
