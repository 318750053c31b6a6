"""What several processes of this machine do together."""

import subprocess
import sys

import psutil
import pytest

WAITING = """
import multiprocessing, time
from cartelera.processes import mapping
with mapping(2) as map_all:
    list(map_all(abs, [1, 2]))
    print(*(worker.pid for worker in multiprocessing.active_children()), flush=True)
    time.sleep(600)
"""


@pytest.mark.e2e
def test_a_killed_run_leaves_no_process():
    started = subprocess.Popen([sys.executable, "-c", WAITING], stdout=subprocess.PIPE, text=True)
    assert started.stdout is not None
    workers = [psutil.Process(int(pid)) for pid in started.stdout.readline().split()]
    started.kill()
    started.wait()

    assert workers
    _, alive = psutil.wait_procs(workers, timeout=10)
    assert all(each.status() == psutil.STATUS_ZOMBIE for each in alive)
