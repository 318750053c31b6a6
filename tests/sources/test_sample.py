import json
import os
import subprocess
import sys
import unicodedata
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import surprise
from hypothesis import given, settings
from hypothesis import strategies as st

from cartelera import columns as c
from cartelera.errors import InputError
from cartelera.files import sha256
from cartelera.platforms import PUBLISHED
from cartelera.ratings.signal import assess_signal
from cartelera.sources import sample
from cartelera.sources.tastes import draw_stars, expectation

TRUTH = Path(__file__).parents[1] / "model" / "sample_truth.json"
SMALL = {"n_titles": 60, "n_users": 8, "n_ratings": 120, "noise": 0.5, "seed": 3}
PAIR = [c.USER_ID, c.TITLE_ID]


def rmse(actual, predicted) -> float:
    return float(np.sqrt(np.mean((np.asarray(actual) - np.asarray(predicted)) ** 2)))


def digests(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): sha256(path)
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.fixture(scope="module")
def fitted_rmse(parts):
    """Fit Surprise's SVD on train; give its error on test."""
    train, test = parts
    data = surprise.Dataset.load_from_df(
        train[[*PAIR, c.RATING]], surprise.Reader(rating_scale=(0.5, 5.0))
    ).build_full_trainset()

    def fit(**params) -> float:
        model = surprise.SVD(random_state=0, **params).fit(data)
        pairs = zip(test[c.USER_ID], test[c.TITLE_ID], strict=True)
        return rmse(test[c.RATING], [model.predict(user, title).est for user, title in pairs])

    return fit


# What is planted


def test_recorded_truth_is_what_the_generator_plants(made, parts):
    _, test = parts
    recorded = json.loads(TRUTH.read_text())

    assert len(made.truth.ratings) == recorded["clean_ratings"]
    assert made.truth.floor == pytest.approx(recorded["noise_floor"], abs=1e-9)
    assert len(test) == recorded["test_ratings"]
    assert rmse(test[c.RATING], test[c.EXPECTATION]) == pytest.approx(
        recorded["test_noise_floor"], abs=1e-9
    )


def test_a_factorization_reaches_the_floor_and_biases_alone_do_not(parts, fitted_rmse):
    train, test = parts
    floor = rmse(test[c.RATING], test[c.EXPECTATION])
    user_mean = rmse(test[c.RATING], test[c.USER_ID].map(train.groupby(c.USER_ID)[c.RATING].mean()))
    biases = fitted_rmse(n_factors=0, n_epochs=20, lr_all=0.005, reg_all=0.05)
    factors = fitted_rmse(n_factors=2, n_epochs=60, lr_all=0.01, reg_all=0.02)

    assert floor < factors < 1.04 * floor
    assert 1.1 * floor < biases
    assert 1.05 * biases < user_mean


def test_the_mean_of_many_draws_is_the_expectation():
    latent = np.array([-1.0, 0.6, 2.13, 3.5, 4.9, 6.0])
    rng = np.random.default_rng(0)

    means = np.mean([draw_stars(latent, 0.8, rng) for _ in range(20_000)], axis=0)

    np.testing.assert_allclose(means, expectation(latent, 0.8), atol=0.02)


def test_without_noise_a_rating_is_the_opinion_rounded_and_clipped():
    latent = np.array([-3.0, 0.7, 2.3, 2.2, 3.76, 9.0])
    stars = [0.5, 0.5, 2.5, 2.0, 4.0, 5.0]

    assert draw_stars(latent, 0.0, np.random.default_rng(0)).tolist() == stars
    assert expectation(latent, 0.0).tolist() == stars


def test_without_noise_the_floor_is_zero():
    assert sample.generate(**SMALL | {"noise": 0.0}).truth.floor == 0.0


def test_popularity_and_activity_have_long_tails_and_no_title_is_rated_twice(made):
    ratings = made.truth.ratings
    per_user = ratings.groupby(c.USER_ID).size()
    per_title = ratings.groupby(c.TITLE_ID).size().sort_values(ascending=False)

    assert per_user.max() > 2 * per_user.median()
    assert per_title.iloc[: len(per_title) // 10].sum() > 0.24 * len(ratings)
    assert per_title.iloc[0] > 4 * per_title.median()
    assert not ratings.duplicated(PAIR).any()


def test_ratings_spread_over_years_and_do_not_drift(made):
    ratings = made.truth.ratings.sort_values(c.TIMESTAMP)
    years = pd.to_datetime(ratings[c.TIMESTAMP], unit="s").dt.year
    earlier, later = np.array_split(ratings[c.RATING].to_numpy(), 2)

    assert years.nunique() >= 3
    assert abs(earlier.mean() - later.mean()) < 0.05
    assert not ratings.duplicated([c.USER_ID, c.TIMESTAMP]).any()


def test_genres_are_liked_differently(made):
    catalogue = made.catalogues[c.NETFLIX].drop_duplicates(c.SHOW_ID)
    genres = pd.Series(
        catalogue[c.LISTED_IN].str.split(", ").str[0].to_numpy(),
        "ns" + catalogue[c.SHOW_ID].str[1:],
    )
    ratings = made.truth.ratings.assign(genre=lambda rows: rows[c.TITLE_ID].map(genres)).dropna()
    between = ratings.groupby("genre")[c.RATING].transform("mean").var()

    assert np.sqrt(between / ratings[c.RATING].var()) > 0.1


def test_quality_and_taste_are_found_in_the_sample_and_not_when_titles_are_dealt_at_random(
    made, dealt_at_random
):
    settings = {"n_permutations": 99, "alpha": 0.02, "seed": 0}

    found = assess_signal(made.truth.ratings, **settings)
    assert found.quality.is_found
    assert found.taste.is_found
    at_random = assess_signal(dealt_at_random, **settings)
    assert not at_random.quality.is_found
    assert not at_random.taste.is_found


# The raw format and its flaws


def test_titles_keep_the_platforms_proportions(made):
    sizes = {p: table[c.SHOW_ID].nunique() for p, table in made.catalogues.items()}

    assert sizes == {c.AMAZON: 841, c.DISNEY: 126, c.HULU: 267, c.NETFLIX: 766}
    for table in made.catalogues.values():
        assert tuple(table.columns) == c.RAW_TITLE_COLUMNS


def cells(made, platform: str, column: str) -> pd.Series:
    return made.catalogues[platform][column]


DURATION = r"\d+ (?:min|Seasons?)"
FLAWS = {
    "minutes as certificate": (c.HULU, c.CERTIFICATE, r"\d+ min", 5),
    "seasons as certificate": (c.HULU, c.CERTIFICATE, r"\d+ Seasons?", 2),
    "minutes as certificate on netflix": (c.NETFLIX, c.CERTIFICATE, r"\d+ min", 1),
    "no duration": (c.HULU, c.DURATION, "", 20),
    "leading space in date": (c.NETFLIX, c.DATE_ADDED, r" [A-Z][a-z]+ \d+, \d{4}", 3),
    "no minutes": (c.AMAZON, c.DURATION, "0 min", 1),
    "no certificate": (c.AMAZON, c.CERTIFICATE, "", 10),
    "age as certificate": (c.AMAZON, c.CERTIFICATE, r"(?:7|18)\+", 10),
    "age in words as certificate": (c.AMAZON, c.CERTIFICATE, "AGES_1[68]_|ALL_AGES", 1),
    "comma before country": (c.NETFLIX, c.COUNTRY, ", .*", 1),
    "comma after country": (c.NETFLIX, c.COUNTRY, ".*,", 1),
    "no-break space": (c.AMAZON, c.DESCRIPTION, ".*\u00a0.*", 1),
    "no-break space before a name": (c.AMAZON, c.CAST, ".*\u00a0.*", 1),
    "replacement character": (c.AMAZON, c.CAST, ".*\ufffd.*", 1),
    "zero-width space": (c.NETFLIX, c.TITLE, "\u200b.*", 1),
    "line break": (c.HULU, c.DESCRIPTION, r"(?s).*\n.*", 1),
    "line break in a title": (c.NETFLIX, c.TITLE, r"(?s).*\n.*", 1),
    "letter that grows": (c.NETFLIX, c.TITLE, ".*İ.*", 1),
    "director None": (c.AMAZON, c.DIRECTOR, "None", 1),
    "actor 1": (c.AMAZON, c.CAST, "(?:.*, )?1, .*", 1),
    "no cast": (c.HULU, c.CAST, "", 267),
}  # fmt: skip


@pytest.mark.parametrize(("platform", "column", "pattern", "at_least"), FLAWS.values(), ids=FLAWS)
def test_flaw_of_the_published_catalogues_occurs(made, platform, column, pattern, at_least):
    flawed = cells(made, platform, column).str.fullmatch(pattern)

    assert flawed.sum() >= at_least
    if pattern:
        assert flawed.mean() < 0.25


def test_misplaced_durations_stand_on_movies_without_duration(made):
    for platform in (c.HULU, c.NETFLIX):
        table = made.catalogues[platform]
        misplaced = table[table[c.CERTIFICATE].str.fullmatch(DURATION)]
        assert set(misplaced[c.TYPE]) == {"Movie"}
        assert set(misplaced[c.DURATION]) == {""}
    hulu = made.catalogues[c.HULU]
    assert ((hulu[c.DURATION] == "") & ~hulu[c.CERTIFICATE].str.fullmatch(DURATION)).sum() >= 10


def test_some_title_rows_come_twice(made):
    repeated = [table.duplicated().sum() for table in made.catalogues.values()]

    assert sum(repeated) >= 2
    for table in made.catalogues.values():
        assert table.duplicated(c.SHOW_ID).sum() == table.duplicated().sum()


def without_accents(name: str) -> str:
    return unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()


def test_some_actors_are_spelled_in_several_ways(made):
    names = pd.concat([cells(made, p, c.CAST) for p in (c.AMAZON, c.NETFLIX)])
    actors = set(names.str.split(", ").explode())
    accented = [name for name in actors if not name.isascii()]

    assert any(name.isupper() and name.title() in actors for name in actors)
    assert any(name.replace("  ", " ") in actors for name in actors if "  " in name)
    assert any(without_accents(name) in actors for name in accented)


def test_flawed_ratings_are_few_and_of_every_kind(made):
    ratings = pd.concat(made.ratings)
    ids = {
        PUBLISHED[platform].title_id(show_id)
        for platform, table in made.catalogues.items()
        for show_id in table[c.SHOW_ID]
    }
    stars = ratings[c.RAW_RATING]
    counts = {
        "repeats": ratings.duplicated().sum(),
        "other opinions": ratings.drop_duplicates().duplicated([c.RAW_USER, c.RAW_TITLE_ID]).sum(),
        "unknown titles": (~ratings[c.RAW_TITLE_ID].isin(ids)).sum(),
        "off the grid": (stars.between(0.5, 5) & (stars * 2 % 1 != 0)).sum(),
        "out of scale": (~stars.between(0.5, 5)).sum(),
    }

    assert len(ratings) == 60_000
    assert all(10 < count < 0.005 * len(ratings) for count in counts.values()), counts
    assert sum(counts.values()) == len(ratings) - len(made.truth.ratings)


def test_ratings_are_split_over_files_of_equal_size(made):
    assert [len(table) for table in made.ratings] == [15_000] * 4
    for table in made.ratings:
        assert tuple(table.columns) == c.RAW_RATING_COLUMNS


# Bytes


def test_writes_only_the_raw_files(tmp_path):
    sample.write(sample.generate(**SMALL, n_files=2), tmp_path)

    assert list(digests(tmp_path)) == [
        "amazon_prime_titles.csv", "disney_plus_titles.csv", "hulu_titles.csv",
        "netflix_titles.csv", "ratings/1.csv", "ratings/2.csv",
    ]  # fmt: skip


def test_written_cells_read_back_the_same(made, tmp_path):
    sample.write(made, tmp_path)

    for platform, table in made.catalogues.items():
        path = tmp_path / PUBLISHED.files[platform]
        back = pd.read_csv(path, dtype="str", keep_default_na=False)
        pd.testing.assert_frame_equal(back, table, check_dtype=False)
    back = pd.concat(pd.read_csv(tmp_path / "ratings" / f"{n}.csv") for n in (1, 2, 3, 4))
    pd.testing.assert_frame_equal(back, pd.concat(made.ratings), check_dtype=False)


def test_the_same_seed_gives_the_same_bytes_whatever_the_hash_seed(tmp_path):
    sample.write(sample.generate(**SMALL), tmp_path / "here")
    script = (
        "from pathlib import Path; from cartelera.sources import sample;"
        f"sample.write(sample.generate(**{SMALL!r}), Path({str(tmp_path / 'there')!r}))"
    )
    subprocess.run(
        [sys.executable, "-c", script], check=True, env=os.environ | {"PYTHONHASHSEED": "12345"}
    )

    assert digests(tmp_path / "here") == digests(tmp_path / "there")


def test_another_seed_gives_another_sample():
    one, other = (sample.generate(**SMALL | {"seed": seed}) for seed in (1, 2))

    assert not one.ratings[0].equals(other.ratings[0])
    assert not one.catalogues[c.HULU].equals(other.catalogues[c.HULU])


@settings(max_examples=15)
@given(
    n_titles=st.integers(40, 120),
    n_users=st.integers(2, 30),
    n_ratings=st.integers(2, 80),
    noise=st.floats(0, 3),
    seed=st.integers(0, 2**32),
)
def test_any_allowed_size_works(n_titles, n_users, n_ratings, noise, seed):
    made = sample.generate(
        n_titles=n_titles, n_users=n_users, n_ratings=n_ratings, noise=noise, seed=seed
    )

    assert sum(table[c.SHOW_ID].nunique() for table in made.catalogues.values()) == n_titles
    assert sum(map(len, made.ratings)) == n_ratings
    assert made.truth.ratings[c.RATING].isin(np.arange(0.5, 5.5, 0.5)).all()


def test_every_user_may_rate_every_title():
    made = sample.generate(n_titles=40, n_users=3, n_ratings=120, noise=0.5, seed=0)

    assert len(pd.concat(made.ratings).drop_duplicates([c.RAW_USER, c.RAW_TITLE_ID])) == 120


def test_more_ratings_than_pairs_are_refused():
    with pytest.raises(InputError, match=r"data.n_ratings=121 is more than .*3 times .*40"):
        sample.generate(n_titles=40, n_users=3, n_ratings=121, noise=0.5, seed=0)
