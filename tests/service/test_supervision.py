import subprocess
import sys

import psutil
import pytest

WORKER = """
import os, sys, time
from cartelera.service.supervision import end_with_parent
parent = int(sys.argv[1])
while sys.argv[2] == "late" and os.getppid() == parent:
    time.sleep(0.05)  # still importing
end_with_parent()
print("ready", flush=True)
time.sleep(60)
"""
PARENT = """
import os, subprocess, sys
from cartelera.service.supervision import supervise
supervise()
worker = subprocess.Popen([sys.executable, "-c", sys.argv[1], str(os.getpid()), sys.argv[2]])
print(worker.pid, flush=True)
worker.wait()
"""


@pytest.mark.parametrize("when", ["ready", "late"])
def test_a_worker_ends_once_its_parent_was_killed_be_it_before_it_was_ready(when):
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, WORKER, when], stdout=subprocess.PIPE, text=True
    )
    try:
        lines = [parent.stdout.readline().strip() for _ in range(2 if when == "ready" else 1)]
        worker = psutil.Process(int(next(line for line in lines if line.isdigit())))
        assert worker.is_running()
    finally:
        parent.kill()
        parent.wait()

    try:
        worker.wait(timeout=20)
    finally:
        if worker.is_running():
            worker.kill()
