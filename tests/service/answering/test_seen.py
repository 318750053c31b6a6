import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from safetensors.numpy import save_file

from cartelera import columns as c
from cartelera.errors import InputError
from cartelera.ratings.seen_table import seen_table
from cartelera.service.answering.seen import SeenTitles

stars = st.sampled_from([0.5, 2.0, 4.5])
ratings = st.dictionaries(
    st.tuples(st.integers(-3, 3), st.sampled_from(["ns1", "ns2", "hs1"])), stars
)


def frame(rows: dict[tuple[int, str], float]) -> pd.DataFrame:
    flat = [(user, title, rating) for (user, title), rating in rows.items()]
    table = pd.DataFrame(flat, columns=[c.USER_ID, c.TITLE_ID, c.RATING])
    return table.astype({c.USER_ID: "int64", c.TITLE_ID: "str", c.RATING: "float64"})


def rated(*rows: tuple[int, str, float, int]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=list(c.CLEAN_RATING_COLUMNS))


def test_the_table_joins_parts_in_the_order_of_time_and_the_latest_rating_counts():
    first = rated((2, "ns1", 4.0, 30), (1, "ns2", 3.0, 20), (1, "as1", 1.0, 40))
    second = rated((1, "hs1", 2.0, 20), (2, "ns1", 1.0, 10), (1, "ds1", 5.0, 10))
    rows = list(seen_table(first, second).itertuples(index=False, name=None))
    assert rows == [
        (1, "ds1", 5.0),
        (1, "hs1", 2.0),  # in the same second as ns2
        (1, "ns2", 3.0),
        (1, "as1", 1.0),
        (2, "ns1", 4.0),
    ]


def test_a_users_ratings_keep_their_order(tmp_path):
    table = seen_table(rated((7, "ns2", 4.0, 1), (7, "as1", 3.0, 2), (3, "ns2", 2.0, 3)))
    SeenTitles.from_frame(table).write(tmp_path / "seen.safetensors")
    seen = SeenTitles.read(tmp_path / "seen.safetensors")
    assert list(seen.of(7).items()) == [("ns2", 4.0), ("as1", 3.0)]


def check(seen: SeenTitles, rows: dict[tuple[int, str], float]) -> None:
    for user_id in range(-5, 6):
        expected = {title: rating for (user, title), rating in rows.items() if user == user_id}
        assert seen.of(user_id) == expected


@given(ratings)
def test_every_user_gets_exactly_their_ratings(rows: dict[tuple[int, str], float]):
    check(SeenTitles.from_frame(frame(rows)), rows)


@given(ratings)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=20)
def test_a_file_gives_the_same(tmp_path, rows: dict[tuple[int, str], float]):
    path = tmp_path / "seen.safetensors"
    SeenTitles.from_frame(frame(rows)).write(path)
    check(SeenTitles.read(path), rows)


def test_the_same_ratings_give_the_same_bytes(tmp_path):
    rows = {(1, "ns1"): 4.0, (2, "hs1"): 2.0, (2, "ns1"): 0.5}
    for name in ("a", "b"):
        SeenTitles.from_frame(frame(rows)).write(tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


@pytest.mark.parametrize("content", [b"", b"PAR1", b"\x02\x00\x00\x00\x00\x00\x00\x00{}"])
def test_another_file_is_refused_by_its_name(tmp_path, content: bytes):
    path = tmp_path / "seen.safetensors"
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"seen\.safetensors"):
        SeenTitles.read(path)


@pytest.mark.parametrize(("n_titles", "n_bytes"), [(256, 1), (257, 2), (65_537, 4)])
def test_a_rating_takes_few_bytes(n_titles: int, n_bytes: int):
    seen = SeenTitles.from_frame(frame({(1, f"ns{n}"): 3.0 for n in range(n_titles)}))
    assert seen.title_codes.itemsize == n_bytes
    assert seen.rating_codes.itemsize == 1
    assert len(seen.of(1)) == n_titles


def stored(**changed: np.ndarray) -> dict[str, np.ndarray]:
    """The arrays of users 3 and 7, who rated ns2, and ns2 and as1."""
    arrays = {
        "user_ids": np.array([3, 7]),
        "starts": np.array([0, 1, 3]),
        "title_codes": np.array([0, 0, 1], np.uint8),
        "rating_codes": np.array([0, 1, 1], np.uint8),
        "stars": np.array([2.0, 4.0]),
        "title_ids": np.frombuffer(b"ns2\nas1", np.uint8),
    }
    return arrays | changed


@pytest.mark.parametrize(
    "changed",
    [
        {"title_codes": np.array([0, 0, 2], np.uint8)},
        {"title_codes": np.array([0, 0], np.uint8)},
        {"rating_codes": np.array([0, 1, 9], np.uint8)},
        {"rating_codes": np.array([0, 1, -1], np.int8)},
        {"starts": np.array([0, 1, 4])},
        {"starts": np.array([1, 2, 3])},
        {"starts": np.array([0, 3])},
        {"starts": np.array([0, 4, 3])},
        {"user_ids": np.array([7, 3])},
        {"user_ids": np.array([[3, 7]])},
        {"stars": np.array([])},
    ],
    ids=str,
)
def test_arrays_that_do_not_fit_together_are_refused(tmp_path, changed):
    path = tmp_path / "seen.safetensors"
    save_file(stored(), path)
    assert SeenTitles.read(path).of(7) == {"ns2": 4.0, "as1": 4.0}
    save_file(stored(**changed), path)
    with pytest.raises(InputError, match="does not hold what users have rated"):
        SeenTitles.read(path)
