from pathlib import Path

import pytest

from cartelera import files
from cartelera.service.bundle.last_good import keep, load_or_last_good
from cartelera.service.bundle.layout import FORMAT_VERSION, VERSION_KEY, Bundle


def make(root: Path, content: str) -> Bundle:
    bundle = Bundle(root)
    root.mkdir()
    files.write_json(bundle.format, {VERSION_KEY: FORMAT_VERSION})
    bundle.titles.write_text(content)
    files.write_json(bundle.manifest, bundle.digests())
    return bundle


def load(bundle: Bundle) -> str:
    bundle.verify()
    return bundle.titles.read_text()


@pytest.fixture
def folder(tmp_path) -> Path:
    folder = tmp_path / "kept"
    folder.mkdir()
    return folder


def test_what_was_damaged_since_is_loaded_as_it_was(tmp_path, folder, caplog):
    bundle = make(tmp_path / "bundle", "Alpha")
    keep(bundle, folder)
    bundle.titles.write_text("Al")

    assert load_or_last_good(load, bundle, folder) == "Alpha"
    assert "titles.parquet is not the file that was built" in caplog.text
    assert "Until then the last good one is in use." in caplog.text


def test_the_newest_good_one_is_kept_and_no_other(tmp_path, folder):
    keep(make(tmp_path / "first", "Alpha"), folder)
    second = make(tmp_path / "second", "Beta")
    for _ in range(2):
        keep(second, folder)
    assert len(list(folder.iterdir())) == 1

    second.manifest.unlink()
    assert load_or_last_good(load, second, folder) == "Beta"


def test_a_damaged_one_is_not_kept(tmp_path, folder, caplog):
    bundle = make(tmp_path / "bundle", "Alpha")
    bundle.titles.write_text("Al")

    keep(bundle, folder)

    assert list(folder.iterdir()) == []
    assert "No copy of the bundle is kept" in caplog.text


def test_without_a_copy_the_damage_is_told(tmp_path, folder):
    bundle = make(tmp_path / "bundle", "Alpha")
    bundle.titles.unlink()

    for kept in (folder, None):
        with pytest.raises(Exception, match=r"titles.parquet is missing"):
            load_or_last_good(load, bundle, kept)
