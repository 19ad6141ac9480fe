"""Processes that do not outlive the run."""

import ctypes
import signal
import sys

_PARENT_DEATH_SIGNAL = 1
"""PR_SET_PDEATHSIG of <sys/prctl.h>."""


def tie_to_parent() -> None:
    """Have Linux kill this process when its parent dies, so that a killed run leaves nobody
    behind who still writes into its folder."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PARENT_DEATH_SIGNAL, signal.SIGKILL)
