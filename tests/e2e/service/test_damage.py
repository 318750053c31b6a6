"""Processes that are killed, and files that are damaged, under a server that goes on."""

import shutil
import socket
import time

import httpx
import psutil
import pytest

from cartelera.service.bundle.layout import FOLDER_NAME, Bundle

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("server")]

QUERY = "/api/get_count_platform?platform=netflix"
PATIENCE_S = 60


def worker_of(server) -> psutil.Process:
    """The process that holds the port."""
    port = httpx.URL(server.url).port
    children = psutil.Process(server.process.pid).children(recursive=True)
    (worker,) = [each for each in children if "worker" in " ".join(each.cmdline())]
    assert port in {connection.laddr.port for connection in worker.net_connections()}
    return worker


def wait_until(happened) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


def test_a_worker_that_dies_over_a_damaged_bundle_comes_back_and_none_outlives_its_master(
    tiny_bento, start, tmp_path
):
    bento = shutil.copytree(tiny_bento, tmp_path / "bento")
    server = start(bento)
    server.wait_until_ready()
    answer = httpx.get(server.url + QUERY).json()
    titles = Bundle(bento / "src" / FOLDER_NAME).titles
    titles.write_bytes(titles.read_bytes()[:100])
    former = worker_of(server)

    former.kill()
    wait_until(lambda: "Until then the last good one is in use." in server.log)
    server.wait_until_ready()

    assert httpx.get(server.url + QUERY).json() == answer
    assert worker_of(server) != former

    port = httpx.URL(server.url).port
    server.process.kill()
    wait_until(lambda: is_free(port))
