import json
import os
import signal
import subprocess
import sys
import textwrap

import pytest

from cartelera.files import (
    DamagedFileError,
    all_or_nothing,
    digest_of,
    read_json,
    sha256,
    write_json,
)


def test_targets_are_replaced_together(tmp_path):
    file, folder = tmp_path / "a.csv", tmp_path / "b"
    file.write_text("old")
    folder.mkdir()
    (folder / "stale").write_text("old")

    with all_or_nothing(file, folder) as (draft_file, draft_folder):
        draft_file.write_text("new")
        draft_folder.mkdir()
        (draft_folder / "fresh").write_text("new")
        assert file.read_text() == "old"

    assert file.read_text() == "new"
    assert [path.name for path in folder.iterdir()] == ["fresh"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.csv", "b"]


def test_an_error_leaves_everything_as_it_was(tmp_path):
    file = tmp_path / "a.csv"
    file.write_text("old")

    with pytest.raises(RuntimeError), all_or_nothing(file, tmp_path / "b") as (draft, other):
        draft.write_text("half")
        other.mkdir()
        raise RuntimeError

    assert file.read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["a.csv"]


def test_a_target_that_was_not_written_is_an_error_that_moves_nothing(tmp_path):
    with pytest.raises(FileNotFoundError), all_or_nothing(tmp_path / "a", tmp_path / "b") as drafts:
        drafts[0].write_text("new")

    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_run_left_is_gone_after_the_next(tmp_path):
    script = textwrap.dedent(
        f"""
        import os, signal
        from pathlib import Path
        from cartelera.files import all_or_nothing
        with all_or_nothing(Path({str(tmp_path / "out")!r})) as (draft,):
            draft.mkdir()
            (draft / "half").write_text("x")
            os.kill(os.getpid(), signal.SIGKILL)
        """
    )
    killed = subprocess.run([sys.executable, "-c", script], check=False, env=os.environ)
    assert killed.returncode == -signal.SIGKILL
    assert not (tmp_path / "out").exists()

    with all_or_nothing(tmp_path / "out") as (draft,):
        draft.mkdir()

    assert [path.name for path in tmp_path.iterdir()] == ["out"]
    assert list((tmp_path / "out").iterdir()) == []


def test_json_comes_back_and_holds_no_nan(tmp_path):
    path = tmp_path / "a.json"
    content = {"título": "añil", "n": 1, "x": 0.1}

    write_json(path, content)

    assert read_json(path) == content
    assert "añil" in path.read_text()
    with pytest.raises(ValueError, match="JSON"):
        write_json(path, {"x": float("nan")})
    assert json.loads(path.read_text()) == content


def test_sha256_of_a_known_content(tmp_path):
    (tmp_path / "abc").write_bytes(b"abc")

    assert sha256(tmp_path / "abc") == (
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    )


def test_a_digest_of_files_is_that_of_their_listing_by_name(tmp_path):
    for name, content in (("x", b"abc"), ("y", b"")):
        (tmp_path / name).write_bytes(content)
    listing = tmp_path / "listing"
    listing.write_text(f"{sha256(tmp_path / 'y')}  a\n{sha256(tmp_path / 'x')}  b/c\n")

    assert digest_of({"b/c": tmp_path / "x", "a": tmp_path / "y"}) == sha256(listing)
    assert digest_of({"b/c": tmp_path / "y", "a": tmp_path / "x"}) != sha256(listing)


@pytest.mark.parametrize("content", [b"", b"{", b"[1]", b"\xff"])
def test_a_file_that_holds_no_json_object_is_named(tmp_path, content):
    (tmp_path / "best.json").write_bytes(content)

    with pytest.raises(DamagedFileError, match=r"best\.json"):
        read_json(tmp_path / "best.json")
