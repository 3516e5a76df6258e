"""What the event log asks of its machine, the clock and files: all of it goes through here.

They are the operating system's own, under names of one module, so that a test can have a clock of its own, have the
n-th call fail, or let a process die in the midst of one.
"""

import os
import time

monotonic = time.monotonic
time_ns = time.time_ns

open_file = os.open
write = os.write
pwrite = os.pwrite
pread = os.pread
truncate = os.ftruncate
fsync = os.fsync
fdatasync = os.fdatasync
sync_all = os.sync
link = os.link
unlink = os.unlink
