import dataclasses
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from cartelera import columns as c
from cartelera.catalogue.fingerprint import Fingerprint
from cartelera.config import compose
from cartelera.errors import InputError
from cartelera.evaluation.bootstrap import Interval
from cartelera.evaluation.champion_comparison import AgainstChampion, ChampionComparison, Worth
from cartelera.evaluation.drift import Limits
from cartelera.factorization.factors import Factors
from cartelera.files import write_json
from cartelera.models.recipe import Recipe
from cartelera.paths import Paths
from cartelera.ratings.ratings_profile import RatingsProfile
from cartelera.stages.from_config import drift_limits
from cartelera.tracking.champion_report import Champion, drift_since, report_on_champion
from cartelera.tracking.checks import Rules, check

CONF = Path(__file__).parents[2] / "conf"
N = 240
TITLES = pd.DataFrame(
    {
        c.ID: [f"ns{code}" for code in range(30)],
        c.TITLE: [f"film {code}" for code in range(30)],
        c.RELEASE_YEAR: 2000,
        c.WORK_ID: [f"ns{code}" for code in range(30)],
    }
)
RECIPE = Recipe("svd", ({"n_factors": 2},), {"n_factors": 4})
OTHER_CARD = {"recipe": Recipe("svd", ({"n_factors": 3},), {"n_factors": 4}).to_json()}
RULES = Rules(margin_ndcg=0.002, margin_rmse=0.001, min_users=100)
WORTH = Worth(0.123456789, 0.1, 0.1, 100, 0.9)
NOUGHT = Interval(0.0, -0.1, 0.1)
CONTEST = ChampionComparison(
    n_users=150,
    n_raters=200,
    n_ratings=4000,
    k=10,
    confidence=0.95,
    candidate=WORTH,
    popularity_ndcg=0.1,
    popularity_newcomer_ndcg=0.1,
    ndcg=NOUGHT,
    newcomer_ndcg=NOUGHT,
    best_baseline="user_mean",
    best_baseline_rmse=0.9,
    rmse=NOUGHT,
    champion=AgainstChampion(WORTH, NOUGHT, NOUGHT),
)


@pytest.fixture(scope="module")
def settings() -> tuple[Limits, float]:
    """The limits, and the share of the ratings that are the latest."""
    config = compose(["evaluate.drift_permutations=99", "eda.alpha=0.05"], CONF)
    return drift_limits(config), config.evaluate.drift_recent


@pytest.fixture
def model(tmp_path) -> Factors:
    """Knows 20 users and 30 titles, and predicts 3 stars of all."""
    blank = {
        name: np.zeros(shape, dtype=np.float32)
        for name, shape in {
            "user_bias": 20, "title_bias": 30, "user_factors": (20, 1), "title_factors": (30, 1),
        }.items()
    }  # fmt: skip
    factors = Factors(
        global_mean=3.0,
        user_ids=np.arange(20),
        title_ids=np.array([f"ns{code}" for code in range(30)], dtype=object),
        title_means=np.full(30, 3.0, dtype=np.float32),
        scale=(0.5, 5.0),
        **blank,
    )
    return saved(factors, tmp_path / "model", {"train": {"sha256": {"train": "a"}}})


def saved(factors, folder, card) -> Factors:
    factors.save(folder, card)
    return Factors.load(folder)


@pytest.fixture
def ratings() -> pd.DataFrame:
    codes = np.random.default_rng(0).permutation(20 * 30)[:N]
    return pd.DataFrame(
        {
            c.USER_ID: codes // 30,
            c.TITLE_ID: pd.Series([f"ns{code % 30}" for code in codes], dtype="str"),
            c.RATING: np.where(codes % 2, 3.0, 3.5),
            c.TIMESTAMP: np.arange(N),
        }
    )


@pytest.fixture
def set_champion(model, tmp_path):
    """Leave a champion that predicts 4 stars of all, as the register stage does."""

    def set_champion(card, *, factors=None, registered=None) -> Paths:
        paths = Paths(tmp_path / "data")
        paths.clean.mkdir(parents=True, exist_ok=True)
        TITLES.to_parquet(paths.clean_titles)
        four = dataclasses.replace(model, global_mean=4.0)
        (factors or four).save(paths.champion / "shipped", card)
        write_json(paths.registered, registered or {"version": 7, "aliases": ["champion"]})
        return paths

    return set_champion


class Today:
    """Says how models compare, and remembers which champion they were compared with."""

    def __init__(self, contest: object) -> None:
        self.said = contest
        self.met: list[Recipe | None] = []

    def compare_to_champion(self, champion, *, anew=False):
        assert anew, "an earlier comparison is not believed"
        self.met.append(champion)
        if isinstance(self.said, Exception):
            raise self.said
        return self.said


def test_the_report_says_what_the_gate_will_say(set_champion):
    champion = Champion.read(set_champion({"recipe": RECIPE.to_json()}))
    today = Today(CONTEST)

    numbers, verdicts = report_on_champion(today, champion, OTHER_CARD, RULES)

    assert today.met == [RECIPE]
    found = numbers["beside_champion"]
    assert (found["version"], found["n_users"]) == (7, 150)
    assert found["candidate"]["ndcg"] == 0.123457
    checks = check(7, CONTEST, RULES)
    assert [(one.is_better, one.sentence) for one in verdicts] == [
        (one.passed, one.sentence) for one in checks
    ]


@pytest.mark.parametrize("said", ["only 8 users.", InputError("only 8 users.")])
def test_what_cannot_be_compared_is_said(set_champion, said):
    champion = Champion.read(set_champion({"recipe": RECIPE.to_json()}))

    numbers, (verdict,) = report_on_champion(Today(said), champion, OTHER_CARD, RULES)

    assert not numbers
    assert not verdict.is_better
    assert "cannot be compared with the champion, version 7: only 8 users" in verdict.sentence


def test_a_model_of_the_champions_recipe_has_no_rival(set_champion):
    champion = Champion.read(set_champion({"recipe": RECIPE.to_json()}))
    today = Today(CONTEST)
    card = {"recipe": RECIPE.to_json()}

    assert report_on_champion(today, champion, card, RULES) == ({}, [])
    assert today.met == []


def test_without_a_champion_or_its_recipe_the_baselines_are_rivals_enough(set_champion):
    for champion in (
        None,
        Champion.read(set_champion({})),
        Champion.read(set_champion({"recipe": 1})),
    ):
        today = Today(CONTEST)
        assert report_on_champion(today, champion, OTHER_CARD, RULES) == ({}, [])
        assert today.met == [None]


def test_there_is_no_champion_before_the_first(tmp_path):
    assert Champion.read(Paths(tmp_path / "data")) is None


@pytest.mark.parametrize(
    "registered",
    [{"version": 7, "aliases": ["candidate"]}, {"version": 7}, {"aliases": ["champion"]}],
)
def test_what_is_no_champion_is_not_taken_for_one(set_champion, registered):
    assert Champion.read(set_champion({}, registered=registered)) is None


def test_a_champion_of_other_data_is_none(set_champion):
    own, other = (
        Fingerprint.of("x", TITLES.assign(title=TITLES[c.TITLE] + more), TITLES[c.ID]).to_json()
        for more in ("", "!")
    )
    assert Champion.read(set_champion({"data": own})) is not None
    assert Champion.read(set_champion({"data": other})) is None


@pytest.mark.parametrize("card", [{"reference": 1}, {"reference": {"n_ratings": 3}}])
def test_a_champion_with_a_senseless_card_is_not_looked_at(set_champion, card, caplog):
    assert Champion.read(set_champion(card)) is None
    assert "The champion is not looked at" in caplog.text


def test_a_damaged_champion_is_not_looked_at(set_champion, caplog):
    paths = set_champion({})
    (paths.champion / "shipped" / "users.parquet").write_bytes(b"?")
    assert Champion.read(paths) is None
    assert "users.parquet" in caplog.text


def test_new_ratings_are_those_after_the_last_the_champion_knew_of(set_champion, ratings, settings):
    reference = RatingsProfile.of(ratings[:200]).to_json()
    champion = Champion.read(set_champion({"reference": reference}))
    later = ratings.assign(user_id=lambda rows: rows["user_id"].where(rows["timestamp"] < 230, 99))

    drift, about = drift_since(later, champion, *settings)

    assert about == (
        "The 40 ratings after the last one that the champion, version 7, knew of (1970-01-01), "
        "beside its 200 ratings."
    )
    assert (drift.before.n_ratings, drift.new.n_ratings) == (200, 40)
    assert drift.share_of_new_users == 10 / 40


def test_a_title_the_champion_knows_from_another_platform_is_not_new(
    set_champion, ratings, settings
):
    """Film 0 came to amazon, whose id stands for the work since."""
    paths = set_champion({"reference": RatingsProfile.of(ratings[:200]).to_json()})
    first = TITLES[c.ID] == "ns0"
    moved = TITLES.assign(work_id=TITLES[c.WORK_ID].mask(first, "as9"))
    both = [moved, moved[first].assign(id="as9")]
    pd.concat(both, ignore_index=True).to_parquet(paths.clean_titles)
    later = ratings.assign(title_id=ratings[c.TITLE_ID].replace("ns0", "as9"))
    later.loc[230:, c.TITLE_ID] = "as9"
    later.loc[235:, c.TITLE_ID] = "hs7"

    drift, _ = drift_since(later, Champion.read(paths), *settings)

    assert drift.share_of_new_titles == 5 / 40


def test_what_ships_has_learnt_is_not_new(set_champion, ratings, settings):
    """Without a later rating, and where the card does not say which was its last."""
    first = ratings.sort_values(c.USER_ID, kind="stable").assign(timestamp=range(N))
    alone, _ = drift_since(first, None, *settings)
    assert alone.share_of_new_users > 0.9
    for card in ({"reference": RatingsProfile.of(first).to_json()}, {}):
        drift, about = drift_since(first, Champion.read(set_champion(card)), *settings)
        assert (drift.share_of_new_users, drift.share_of_new_titles) == (0, 0)
        assert about.endswith(" New users and titles are those that version 7 does not know.")


def test_without_later_ratings_the_latest_are_set_beside_those_before(
    set_champion, ratings, settings
):
    champion = Champion.read(set_champion({"reference": RatingsProfile.of(ratings).to_json()}))
    over_time = "The latest 24 ratings, from 1970-01-01 on, beside the 216 before."

    known = "New users and titles are those that version 7 does not know."
    for who, said in (
        (
            champion,
            f"No ratings are later than those that the champion knew of. {over_time} {known}",
        ),
        (Champion.read(set_champion({})), f"{over_time} {known}"),
        (None, over_time),
    ):
        drift, about = drift_since(ratings, who, *settings)
        assert about == said
        assert drift.new.n_ratings == 24


def test_ratings_of_one_moment_have_no_drift(ratings, settings):
    drift, about = drift_since(ratings.assign(timestamp=5), None, *settings)
    assert drift is None
    assert about == "The ratings were all given at the same time: none are new."
