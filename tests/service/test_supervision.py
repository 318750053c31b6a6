import subprocess
import sys

import psutil

WORKER = """
from cartelera.service.supervision import end_with_parent
end_with_parent()
print("ready", flush=True)
time.sleep(60)
"""
PARENT = """
import subprocess, sys
worker = subprocess.Popen([sys.executable, "-c", sys.argv[1]])
print(worker.pid, flush=True)
worker.wait()
"""


def test_a_worker_ends_once_its_parent_was_killed():
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, WORKER], stdout=subprocess.PIPE, text=True
    )
    try:
        lines = [parent.stdout.readline().strip() for _ in range(2)]
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
