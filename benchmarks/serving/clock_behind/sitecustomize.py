"""Python imports this at its start, where this folder is on its path: the clock is an hour behind.

`faketime` cannot do it: where it leaves the monotonic clock alone, `time.sleep` fails, and where it
does not, waits never end.
"""

import time

_told = time.time
time.time = lambda: _told() - 3600
