"""Folders behind addresses: fsspec's memory, and a web server that lists its files."""

import hashlib
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import fsspec
import pytest

from cartelera.errors import InputError
from cartelera.platforms import PUBLISHED
from cartelera.sources import folder, remote
from cartelera.sources.download import download
from cartelera.sources.listed import RawFile

NAMES = [*PUBLISHED.files.values(), "ratings/1.csv", "ratings/2.csv"]


@pytest.fixture
def memory():
    """An address in fsspec's memory with raw files, and what should be left alone."""
    store = fsspec.filesystem("memory")
    root = "/my films, 100% é #1"
    for name in [*NAMES, "README.md", "ratings/notes.txt"]:
        store.pipe(f"{root}/{name}", name.encode())
    yield f"memory:/{root}"
    store.rm(root, recursive=True)


@pytest.fixture
def web(tmp_path):
    """The address of a folder with raw files on a local web server."""
    root = tmp_path / "served" / "my films é"
    (root / "ratings").mkdir(parents=True)
    for name in NAMES:
        (root / name).write_text(name)

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *args) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=tmp_path / "served"))
    thread = Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/my films é", root
    server.shutdown()
    server.server_close()
    thread.join()


def contents(root: Path) -> dict[str, str]:
    files = (path for path in root.rglob("*") if path.is_file())
    return {path.relative_to(root).as_posix(): path.read_text() for path in files}


def test_the_raw_files_of_a_store_are_copied_and_nothing_else(memory, tmp_path):
    digest = folder.digest_at(memory, PUBLISHED)
    assert folder.copy_from(memory, tmp_path / "raw", PUBLISHED, digest)
    assert contents(tmp_path / "raw") == {name: name for name in NAMES}


def test_a_folder_of_a_web_server_that_lists_is_copied(web, tmp_path):
    address, _ = web
    digest = folder.digest_at(address, PUBLISHED)
    assert folder.copy_from(f"{address}/", tmp_path / "raw", PUBLISHED, digest)
    assert contents(tmp_path / "raw") == {name: name for name in NAMES}


def test_a_changed_file_is_another_folder(memory, web):
    before = folder.digest_at(memory, PUBLISHED)
    assert folder.digest_at(memory, PUBLISHED) == before
    fsspec.filesystem("memory").pipe(f"{memory.removeprefix('memory:/')}/hulu_titles.csv", b"more")
    assert folder.digest_at(memory, PUBLISHED) != before

    address, root = web
    before = folder.digest_at(address, PUBLISHED)
    (root / "hulu_titles.csv").write_text("more titles")
    assert folder.digest_at(address, PUBLISHED) != before


def test_a_store_that_changes_meanwhile_is_told(memory, tmp_path):
    digest = folder.digest_at(memory, PUBLISHED)
    fsspec.filesystem("memory").pipe(f"{memory.removeprefix('memory:/')}/ratings/3.csv", b"new")
    assert not folder.copy_from(memory, tmp_path / "raw", PUBLISHED, digest)


def test_what_is_missing_is_told_with_the_address(memory):
    fsspec.filesystem("memory").rm(f"{memory.removeprefix('memory:/')}/hulu_titles.csv")
    with pytest.raises(InputError, match=r"memory://my films.* lacks hulu_titles\.csv"):
        folder.digest_at(memory, PUBLISHED)


@pytest.mark.parametrize("address", ["memory://nowhere", "http://127.0.0.1:9/films"])
def test_what_cannot_be_listed_is_told(address):
    with pytest.raises(InputError, match="cannot be listed"):
        folder.digest_at(address, PUBLISHED)


@pytest.mark.parametrize(
    ("protocol", "command"),
    [("gs", "pip install 'gcsfs'"), ("s3", "pip install 's3fs'"), ("az", "pip install 'adlfs'")],
)
def test_a_missing_package_is_one_sentence_with_the_command(protocol, command, monkeypatch):
    def missing(*args, **kwargs):
        raise ImportError("Please install something")

    monkeypatch.setattr(fsspec, "filesystem", missing)
    with pytest.raises(InputError, match=f"^{protocol}://bucket/films: .*{command}") as told:
        folder.digest_at(f"{protocol}://bucket/films", PUBLISHED)
    assert "\n" not in str(told.value)


def test_an_unknown_protocol_is_told():
    with pytest.raises(InputError, match=r"nope:// is unknown"):
        folder.digest_at("nope://bucket/films", PUBLISHED)


def test_a_copy_that_breaks_off_leaves_what_was_there(memory, tmp_path, monkeypatch):
    target = tmp_path / "raw" / "amazon_prime_titles.csv"
    target.parent.mkdir()
    target.write_text("old titles")

    class Broken:
        def __enter__(self):
            return self

        def __exit__(self, *args):
            pass

        def read(self, _: int) -> bytes:
            raise OSError("the line is dead")

    store = type(fsspec.filesystem("memory"))
    monkeypatch.setattr(store, "open", lambda *_, **__: Broken())
    with pytest.raises(OSError, match="the line is dead"):
        remote.copy(memory, tmp_path / "raw", PUBLISHED)
    assert contents(tmp_path / "raw") == {"amazon_prime_titles.csv": "old titles"}


def test_a_list_of_files_may_name_a_store(memory, tmp_path):
    def fetch(sha256: str) -> None:
        file = RawFile(f"{memory}/hulu_titles.csv", sha256, "hulu_titles.csv")
        download([file], tmp_path / "raw", cache=tmp_path / "cache", retries=0, timeout_s=5)

    with pytest.raises(InputError, match="has the wrong bytes"):
        fetch("0" * 64)
    assert not (tmp_path / "raw").exists()
    fetch(hashlib.sha256(b"hulu_titles.csv").hexdigest())
    assert contents(tmp_path / "raw") == {"hulu_titles.csv": "hulu_titles.csv"}
