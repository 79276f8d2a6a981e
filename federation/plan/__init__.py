"""What is to be done: documents, members and facts go in, a ``Plan`` comes out. Pure; nothing of Pulumi is loaded here.

``planner.plan`` is the whole of it, ``replicas.distribute`` its most asked for part, ``result`` the values.
"""
