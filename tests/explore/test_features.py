import numpy as np
import pandas as pd
import pytest

from cartelera import columns as c
from cartelera.errors import InputError
from cartelera.explore import associations as a
from cartelera.explore import features as f


def found(**rows: tuple[float, float]) -> pd.DataFrame:
    """Make what `associations` finds: an association and a p-value for each column of titles."""
    return pd.DataFrame(
        [
            {
                a.TABLE: a.TITLES,
                a.COLUMN: column,
                a.N_LEVELS: 4,
                a.ETA_SQUARED: 0.3,
                a.CHANCE: 0.1,
                a.ASSOCIATION: association,
                a.P_VALUE: p_value,
            }
            for column, (association, p_value) in rows.items()
        ]
    )


def decide(table: pd.DataFrame) -> pd.DataFrame:
    return f.choose_columns(table, min_association=0.02, alpha=0.01).set_index(a.COLUMN)


@pytest.mark.parametrize(
    ("association", "p_value", "kept", "why"),
    [
        (0.3, 0.001, True, "goes with the rating"),
        (0.02, 0.01, True, "goes with the rating"),
        (0.019, 0.001, False, "too weak: association 0.019 is below 0.02"),
        (0.3, 0.011, False, "no more than chance"),
    ],
)
def test_a_column_is_kept_if_it_beats_chance_and_matters(association, p_value, kept, why):
    decided = decide(found(platform=(association, p_value)))
    assert decided.loc[c.PLATFORM, f.KEPT] == kept
    assert decided.loc[c.PLATFORM, f.REASON].startswith(why)


def test_roles_decide_where_numbers_cannot():
    decided = decide(found(description=(0.9, 0.001), title=(0.9, 0.001)))
    assert decided[f.KEPT].to_dict() == {
        c.ID: True,
        c.WORK_ID: True,
        c.TITLE: False,
        c.DESCRIPTION: False,
        **dict.fromkeys(c.DISPLAY_COLUMNS.values(), False),
        c.RATING: True,
    }
    assert decided[f.REASON].str.len().gt(10).all()


def test_a_column_with_one_level_says_so():
    table = found(type=(0.0, 1.0)).assign(**{a.N_LEVELS: 1})
    assert "the same for all rated titles" in decide(table).loc[c.TYPE, f.REASON]


def test_every_column_gets_a_decision_in_its_order(titles, ratings):
    measured = a.associations(titles, ratings, n_permutations=99, seed=0)
    decided = f.choose_columns(measured, min_association=0.02, alpha=0.01)
    names = list(zip(decided[a.TABLE], decided[a.COLUMN], strict=True))
    assert names == [
        *((a.TITLES, name) for name in c.CLEAN_TITLE_COLUMNS),
        *((a.RATINGS, name) for name in c.CLEAN_RATING_COLUMNS),
    ]
    of_ratings = decided[decided[a.TABLE] == a.RATINGS]
    assert of_ratings[f.KEPT].all()


def test_model_titles_hold_the_kept_columns_by_id(titles):
    decided = found(listed_in=(0.3, 0.001), duration_int=(0.3, 0.001), country=(0.0, 0.9))
    decided = f.choose_columns(decided, min_association=0.02, alpha=0.01)
    table = f.model_titles(titles.iloc[::-1], decided)
    assert list(table.columns) == [c.ID, c.WORK_ID, c.DURATION_INT, c.LISTED_IN]
    assert table[c.ID].tolist() == ["as1", "as2", "ds1", "ds2", "ns1", "ns2"]


def test_model_ratings_are_ordered_and_checked(ratings):
    shuffled = ratings.sample(frac=1, random_state=0)
    pd.testing.assert_frame_equal(f.model_ratings(shuffled), ratings)
    with pytest.raises(InputError, match="rating"):
        f.model_ratings(ratings.assign(**{c.RATING: 7.0}))
    with pytest.raises(InputError, match=c.USER_ID):
        f.model_ratings(pd.concat([ratings, ratings.head(1)]))


def read(path, **types):
    return pd.read_csv(path, dtype=types, keep_default_na=False, na_values=[""])


def test_written_scores_read_back_to_the_last_bit(tmp_path):
    rng = np.random.default_rng(0)
    ratings = pd.DataFrame(
        {
            c.TITLE_ID: [f"as{i}" for i in rng.integers(0, 300, 5000)],
            c.RATING: rng.integers(1, 11, 5000) / 2,
        }
    ).astype({c.TITLE_ID: "str"})
    table = f.title_scores(ratings)
    f.write_features(table, tmp_path / "scores.csv")
    pd.testing.assert_frame_equal(
        read(tmp_path / "scores.csv", title_id="str"), table, check_exact=True
    )


def test_written_titles_read_back_whatever_they_hold(tmp_path):
    table = pd.DataFrame(
        {
            c.ID: ["as1", "as2", "as3", "as4"],
            c.DIRECTOR: ["null", None, 'she said "no", twice', "na"],
            c.CERTIFICATE: ["16", "07", "g", "n/a"],
            c.DURATION_INT: [90, None, 1, 2],
        }
    ).astype({c.ID: "str", c.DIRECTOR: "str", c.CERTIFICATE: "str", c.DURATION_INT: "Int64"})
    f.write_features(table, tmp_path / "titles.csv")
    types = {c.ID: "str", c.DIRECTOR: "str", c.CERTIFICATE: "str", c.DURATION_INT: "Int64"}
    pd.testing.assert_frame_equal(read(tmp_path / "titles.csv", **types), table)
