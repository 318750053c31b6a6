import hashlib
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pandas as pd
import pytest

from cartelera import columns as c
from cartelera.config import compose
from cartelera.config_sources import DataConfig, RemoteFile
from cartelera.config_types import Config
from cartelera.errors import ConfigError, InputError
from cartelera.files import read_json
from cartelera.paths import Paths
from cartelera.ratings.seen_table import read_seen_table
from cartelera.raw_files import find_raw_files
from cartelera.received import Position
from cartelera.sources import folder, sample
from cartelera.stages import acquire, etl
from cartelera.stages.compose import resolve

SMALL = ["data.n_titles=60", "data.n_users=8", "data.n_ratings=120"]


@pytest.fixture
def paths(tmp_path) -> Paths:
    return Paths(tmp_path / "data")


@pytest.fixture
def raw(tmp_path) -> Path:
    """Raw files somewhere on this machine."""
    small = sample.generate(n_titles=60, n_users=8, n_ratings=120, noise=0.5, seed=1)
    sample.write(small, tmp_path / "mine")
    return tmp_path / "mine"


def from_folder(raw: Path, digest: str | None = None) -> Config:
    config = compose(["data=folder", f"data.path='{raw}'"])
    config.data.digest = digest
    return config


class QuietHandler(SimpleHTTPRequestHandler):
    def log_message(self, *args) -> None:
        pass


@pytest.fixture
def from_server(raw):
    """Serve the raw files; give the configuration that downloads them."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(QuietHandler, directory=raw))
    thread = Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    config = compose(["data=download", "data.retries=0"])
    config.data.files = [
        RemoteFile(
            url=f"http://127.0.0.1:{server.server_port}/{path}",
            sha256=hashlib.sha256((raw / path).read_bytes()).hexdigest(),
            to=path,
        )
        for path in find_raw_files(raw).by_name
    ]
    yield config
    server.shutdown()
    server.server_close()
    thread.join()


def test_makes_the_sample(paths):
    acquire.run(compose(SMALL), paths)
    first = folder.digest(paths.raw)
    acquire.run(compose(SMALL), paths)

    assert folder.digest(paths.raw) == first
    assert sorted(path.name for path in paths.root.iterdir()) == ["raw"]


def test_cleaning_the_sample_leaves_the_planted_ratings_and_all_titles(paths):
    config = compose(["data.n_titles=400", "data.n_users=80", "data.n_ratings=6000"])
    planted = sample.generate(n_titles=400, n_users=80, n_ratings=6000, noise=0.8, seed=7)

    acquire.run(config, paths)
    etl.run(config, paths)

    titles, ratings = pd.read_parquet(paths.clean_titles), pd.read_parquet(paths.clean_ratings)
    assert len(titles) == 400
    expected = planted.truth.ratings[list(c.CLEAN_RATING_COLUMNS)].assign(is_received=False)
    pd.testing.assert_frame_equal(ratings, expected, check_dtype=False)


def test_copies_a_folder(raw, paths):
    acquire.run(from_folder(raw, folder.digest(raw)), paths)

    assert folder.digest(paths.raw) == folder.digest(raw)


def test_replaces_what_was_there(raw, paths):
    acquire.run(compose(SMALL), paths)
    acquire.run(from_folder(raw), paths)

    assert list(find_raw_files(paths.raw).by_name) == list(find_raw_files(raw).by_name)
    assert folder.digest(paths.raw) == folder.digest(raw)


def test_a_folder_that_changed_since_the_run_began_is_refused(raw, paths):
    digest = folder.digest(raw)
    (raw / "ratings" / "1.csv").write_text("userId,rating,timestamp,movieId\n")

    with pytest.raises(InputError, match="mine changed during the run: start again"):
        acquire.run(from_folder(raw, digest), paths)
    assert list(paths.root.iterdir()) == []


def test_a_bad_folder_leaves_the_former_files(raw, paths):
    acquire.run(from_folder(raw), paths)
    before = folder.digest(paths.raw)
    (raw / "hulu_titles.csv").unlink()

    with pytest.raises(InputError, match=r"lacks hulu_titles.csv"):
        acquire.run(from_folder(raw), paths)
    assert folder.digest(paths.raw) == before


@pytest.fixture
def in_a_project(tmp_path, monkeypatch):
    """A folder with the settings, and no `params.yaml` that somebody edited."""
    (tmp_path / "project").mkdir()
    (tmp_path / "project" / "conf").symlink_to(Path("conf").resolve())
    monkeypatch.chdir(tmp_path / "project")


@pytest.fixture
def receive(in_a_project, raw, paths, tmp_path):
    """Let the service have received lines, and clean them with what the source holds."""

    def run(*lines: str, settings: tuple[str, ...] = ()) -> None:
        (tmp_path / "received").mkdir()
        text = "\n".join(["userId,rating,timestamp,movieId", *lines, ""])
        (tmp_path / "received" / "ratings.csv").write_text(text)
        overrides = ["data=folder", f"data.path='{raw}'", *settings]
        config = resolve([*overrides, f"serve.feedback='{tmp_path / 'received'}'"])

        acquire.run(config, paths)
        etl.run(config, paths)

    return run


def test_ratings_the_service_received_are_cleaned_with_those_of_the_source(
    receive, raw, paths, tmp_path
):
    rated = pd.read_csv(raw / "ratings" / "1.csv")["movieId"][0]

    receive(f"987654321,4.5,1700000000,{rated}")

    ratings = pd.read_parquet(paths.clean_ratings)
    received = ratings[ratings[c.IS_RECEIVED]]
    assert received[[c.USER_ID, c.RATING]].to_numpy().tolist() == [[987654321, 4.5]]
    said = pd.read_parquet(paths.received_ratings)
    assert said.to_numpy().tolist() == received[list(c.CLEAN_RATING_COLUMNS)].to_numpy().tolist()
    (read,) = read_json(paths.reports / "etl.json")["received"]
    with (tmp_path / "received" / "ratings.csv").open("rb") as file:
        size = (tmp_path / "received" / "ratings.csv").stat().st_size
        assert Position(**read) == Position.at("ratings.csv", file, size)


def test_what_somebody_said_last_is_kept_though_the_sources_rating_counts(receive, raw, paths):
    first = pd.read_csv(raw / "ratings" / "1.csv").iloc[0]
    user, rated = first["userId"], first["movieId"]

    receive(f"{user},0.5,1790000000,{rated}", f"{user},1.5,1790000001,{rated}")

    ratings = pd.read_parquet(paths.clean_ratings)
    pair = (ratings[c.USER_ID] == user) & (ratings[c.TITLE_ID] == rated)
    assert ratings.loc[pair, c.RATING].tolist() == [first["rating"]]
    seen = read_seen_table(paths.clean_titles, paths.clean_ratings, paths.received_ratings)
    works = pd.read_parquet(paths.clean_titles).set_index(c.ID)[c.WORK_ID]
    own = seen[seen[c.USER_ID] == user].set_index(c.TITLE_ID)[c.RATING]
    assert own[works[rated]] == 1.5


def test_trusted_ratings_replace_those_of_the_source(receive, raw, paths):
    first = pd.read_csv(raw / "ratings" / "1.csv").iloc[0]
    user, rated = first["userId"], first["movieId"]

    receive(f"{user},0.5,1790000000,{rated}", settings=("split.feedback_share=1",))

    ratings = pd.read_parquet(paths.clean_ratings)
    pair = (ratings[c.USER_ID] == user) & (ratings[c.TITLE_ID] == rated)
    assert ratings.loc[pair, c.RATING].tolist() == [0.5]
    assert not ratings[c.IS_RECEIVED].any()


def test_what_users_had_deleted_is_dropped_and_counted_and_the_sources_own_stays(
    receive, raw, paths
):
    first = pd.read_csv(raw / "ratings" / "1.csv").iloc[0]
    user, rated = first["userId"], first["movieId"]
    other = pd.read_csv(raw / "netflix_titles.csv")["show_id"].iloc[0]

    receive(
        f"{user},0.5,1790000000,{rated}",
        f"987654321,4.5,1790000000,{rated}",
        f"{user},deleted,1790000001,",
        "987654321,deleted,1790000001,",
        f"987654321,3.0,1790000002,n{other}",
    )

    ratings = pd.read_parquet(paths.clean_ratings)
    of_both = ratings[ratings[c.USER_ID].isin([user, 987654321])].set_index(c.USER_ID)
    assert of_both.loc[[987654321], c.TITLE_ID].tolist() == [f"n{other}"]
    own = of_both.loc[[user]].set_index(c.TITLE_ID)[c.RATING]
    assert own[rated] == first["rating"]
    account = read_json(paths.reports / "etl.json")["ratings"]
    assert account["dropped"]["deleted by its user"] == 2
    assert account["dropped"]["deletes what was received of a user before"] == 2
    counts = account["files"]["ratings/feedback-ratings.csv"]
    assert counts == {"read": 5, "clean": 1, "dropped": 4, "rejected": 0}


@pytest.mark.usefixtures("in_a_project")
def test_received_ratings_that_change_during_a_run_stop_it(paths, tmp_path):
    path = tmp_path / "ratings.csv"
    path.write_text("userId,rating,timestamp,movieId\n1,4.5,1700000000,ns1\n")
    config = resolve([*SMALL, f"serve.feedback='{tmp_path}'"])
    path.write_text("userId,rating,timestamp,movieId\n1,0.5,1700000000,ns1\n")

    with pytest.raises(InputError, match=r"ratings\.csv changed during the run"):
        acquire.run(config, paths)
    assert list(paths.root.iterdir()) == []


def test_downloads(raw, from_server, paths):
    acquire.run(from_server, paths)

    assert folder.digest(paths.raw) == folder.digest(raw)
    assert sorted(path.name for path in paths.root.iterdir()) == ["raw"]


def test_a_failed_download_is_gone_on_with_in_the_next_run(raw, from_server, paths):
    hidden = raw / "netflix_titles.csv"
    hidden.rename(raw / "hidden")
    with pytest.raises(InputError, match=r"netflix_titles.csv: the server answered 404"):
        acquire.run(from_server, paths)
    assert not paths.raw.exists()
    assert (paths.root / ".download").is_dir()

    (raw / "hidden").rename(hidden)
    digest = folder.digest(raw)
    (raw / "amazon_prime_titles.csv").write_text("fetched in the first run, not again")
    acquire.run(from_server, paths)

    assert folder.digest(paths.raw) == digest


def test_a_download_without_a_catalogue_is_refused_before_anything_is_fetched(from_server, paths):
    from_server.data.files = from_server.data.files[1:]

    with pytest.raises(ConfigError, match=r"data.files has no entry for amazon_prime_titles.csv"):
        acquire.run(from_server, paths)
    assert list(paths.root.iterdir()) == []


def test_an_unknown_source_is_refused(paths):
    config = compose(SMALL)
    config.data = DataConfig(source="cloud")

    with pytest.raises(ConfigError, match=r"data.source=cloud is no source"):
        acquire.run(config, paths)
