"""Loaded by the process that forks off the others, and by nobody else: ties it to its parent.

Its children are tied to it. Without this it would live as long as they do, and they as long as it.
"""

from tahdhib.processes.ties import tie_to_parent

tie_to_parent()
