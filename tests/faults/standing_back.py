"""How far a process stands back where there is more to do than processors."""

import os
import time
from pathlib import Path

_AUTOGROUP = Path("/proc/self/autogroup")
_TRIES, _PAUSE = 6, 0.1  # seconds; of those who are not root one on the machine may set a group's in each


def stand_back(nice: int) -> None:
    """Have this process, which leads a session of its own, and all that it starts stand back by so much.

    Where Linux schedules by sessions ("autogroup"), niceness counts among the processes of one session alone, and
    what a session has beside others is told to a file.
    """
    os.nice(nice)
    for _ in range(_TRIES if nice else 0):
        try:
            _AUTOGROUP.write_text(str(nice))
        except BlockingIOError:
            time.sleep(_PAUSE)
        except OSError:  # there is no such file here, or we may not
            return
        else:
            return
