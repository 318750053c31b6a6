"""Candidate against champion and baselines, on ratings made up so that the answer is known."""

import json
from dataclasses import asdict, dataclass, replace

import numpy as np
import pandas as pd
import pytest

from cartelera import columns as c
from cartelera.evaluation.bootstrap import Interval
from cartelera.evaluation.champion_comparison import ChampionComparison, compare_to_champion
from cartelera.evaluation.entry import Entry
from cartelera.evaluation.list_baselines import Popularity
from cartelera.evaluation.settings import Settings
from cartelera.models.model import Model
from cartelera.tracking.checks import Rules
from cartelera.tracking.gate import gate

N_USERS = 40
TITLES = np.array([f"ns{number:02d}" for number in range(12)], dtype=object)
SETTINGS = Settings(k=3, relevant_at=4.0, n_bootstrap=200, confidence=0.9, max_users=1000, seed=0)


@dataclass
class Sure:
    """Predicts the same stars for all but some users, whom it knows exactly."""

    stars: float
    known: frozenset[int] = frozenset()

    def predict(self, user_ids, _):
        rated = np.asarray(user_ids) % 2 == 0
        exact = np.where(rated, 4.0, 2.0)
        return np.where(np.isin(user_ids, list(self.known)), exact, self.stars)


@dataclass
class Parity:
    """Lists even titles first to who rated an even one, odd titles to the others, and back."""

    sign: float = 1.0

    title_ids = TITLES

    def score_histories(self, histories):
        is_even = np.arange(len(TITLES)) % 2 == 0
        first = np.append(histories.codes, 0)[histories.starts[:-1]] % 2 == 0
        return self.sign * (is_even[np.newaxis] == first[:, np.newaxis]).astype(float)


def ratings(first_title: int, n_titles: int) -> pd.DataFrame:
    """Return ratings of titles of the user's own parity: 4 stars by even users, 2 by odd ones."""
    users = np.repeat(np.arange(N_USERS), n_titles)
    titles = 2 * np.tile(np.arange(first_title, first_title + n_titles), N_USERS) + users % 2
    return pd.DataFrame(
        {
            c.USER_ID: users,
            c.TITLE_ID: pd.Series(TITLES[titles], dtype="str"),
            c.RATING: np.where(users % 2 == 0, 4.0, 2.0),
            c.TIMESTAMP: np.arange(len(users)),
        }
    )


TRAIN, TEST = ratings(0, 4), ratings(4, 2)


def compare(
    candidate: Model, champion: Model | None, test=TEST, min_users=1, train=TRAIN
) -> ChampionComparison | str:
    baselines = {
        "popularity": Entry(ranker=Popularity.fit(TRAIN)),
        "bias_only": Entry(rater=Sure(3.5)),
        "user_mean": Entry(rater=Sure(3.0)),
    }
    return compare_to_champion(
        candidate, champion, baselines, train, test, SETTINGS, min_users=min_users
    )


def test_lists_and_stars_of_both_are_measured_on_the_whole_test_part():
    contest = compare(Model(Sure(3.0), Parity()), Model(Sure(3.5), Parity(-1.0)))

    assert (contest.n_users, contest.n_raters, contest.n_ratings) == (20, 40, 80)
    # Of three places two hold the relevant titles, after none or first.
    assert contest.candidate.ndcg == 1
    assert contest.candidate.newcomer_ndcg == 1
    assert contest.champion.worth.ndcg == 0
    assert contest.champion.ndcg == Interval(1.0, 1.0, 1.0)
    assert contest.candidate.n_listed == 3
    assert contest.candidate.stratified_recall == 1
    # Errors of 1 for all, against 0.5 for half of the users and 1.5 for the others.
    assert contest.candidate.rmse == 1
    assert contest.champion.worth.rmse == pytest.approx(np.sqrt((0.25 + 2.25) / 2))
    assert contest.champion.rmse.value == pytest.approx(1 - np.sqrt(1.25))


def test_the_best_of_all_baselines_is_the_one_to_beat():
    contest = compare(Model(Sure(3.2), Parity()), None)

    assert contest.champion is None
    assert (contest.best_baseline, contest.best_baseline_rmse) == ("user_mean", 1.0)
    assert contest.rmse.value == pytest.approx(np.sqrt((0.64 + 1.44) / 2) - 1)
    assert contest.rmse.low < 0 < contest.rmse.high


def test_one_account_weighs_as_much_as_any_other_however_much_it_rates():
    flood = pd.DataFrame(
        {
            c.USER_ID: N_USERS,
            c.TITLE_ID: pd.Series([f"zz{number}" for number in range(1100)], dtype="str"),
            c.RATING: 4.0,
            c.TIMESTAMP: 0,
        }
    )
    test = pd.concat([TEST, flood], ignore_index=True)
    knows_the_flood = Model(Sure(2.8, frozenset([N_USERS])), Parity())
    knows_all_others = Model(Sure(2.8, frozenset(range(N_USERS))), Parity())

    contest = compare(knows_the_flood, knows_all_others, test)

    assert contest.n_ratings == 80 + 1100
    assert contest.n_raters == 41
    assert contest.champion.rmse.low > 0, "41 users, one of whom the candidate knows"
    squared = np.square([2.8 - 4] * 20 + [2.8 - 2] * 20 + [0])
    assert contest.candidate.rmse == pytest.approx(np.sqrt(squared.mean()))


@pytest.fixture(scope="module")
def invented() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Train and test with 1,200 lines of 240 accounts, who like what nobody of their kind does."""
    users = np.repeat(1000 + 2 * np.arange(240), 5)
    titles = np.tile([0, 2, 4, 6, 1], 240)
    lines = pd.DataFrame(
        {
            c.USER_ID: users,
            c.TITLE_ID: pd.Series(TITLES[titles], dtype="str"),
            c.RATING: 4.0,
            c.TIMESTAMP: 10**6,
            c.IS_RECEIVED: True,
        }
    )
    train, test = (part.assign(**{c.IS_RECEIVED: False}) for part in (TRAIN, TEST))
    return pd.concat([train, lines[titles != 1]]), pd.concat([test, lines[titles == 1]])


def test_invented_ratings_do_not_get_a_worse_model_promoted(invented):
    train, test = invented
    worse, better = Model(Sure(2.8), Parity(-1.0)), Model(Sure(2.8), Parity())
    rules = Rules(margin_ndcg=0.002, margin_rmse=0.001, min_users=1)

    contest = compare(worse, better, test, train=train)

    assert (contest.n_users, contest.on_files.n_users) == (260, 20)
    assert contest.champion.ndcg.low > 0 > contest.on_files.champion.ndcg.high
    attacked = gate(2, 1, replace(contest, on_files=None), rules)
    assert "Lists beside the recipe of the champion" not in attacked.reason
    decision = gate(2, 1, contest, rules)
    assert not decision.promote
    assert "On the ratings of the source's files alone" in decision.reason
    assert contest.on_files == compare(worse, better, TEST, train=train)


def test_too_few_ratings_of_the_files_are_told(invented):
    train, test = invented
    contest = compare(Model(Sure(3.0), Parity()), None, test, min_users=21, train=train)
    assert contest.on_files.startswith("only 20 users have a held-out rating")
    assert ChampionComparison.from_json(json.loads(json.dumps(asdict(contest)))) == contest


def test_without_received_ratings_there_is_nothing_else_to_compare():
    assert compare(Model(Sure(3.0), Parity()), None).on_files is None


def test_too_few_users_are_no_comparison():
    said = compare(Model(Sure(3.0), Parity()), None, min_users=21)
    assert said == "only 20 users have a held-out rating of 4 stars or more, and 21 are needed."

    nobody_likes_it = TEST.assign(rating=2.0)
    assert "only 0 users" in compare(Model(Sure(3.0), Parity()), None, nobody_likes_it, 0)


def test_equal_models_do_not_differ():
    model = Model(Sure(3.1), Parity())
    contest = compare(model, model)
    assert contest.champion.ndcg == contest.champion.rmse == Interval(0.0, 0.0, 0.0)
    # What stands beside neither of them: what is popular, and the means of users.
    assert contest.popularity_ndcg == contest.popularity_newcomer_ndcg == 0
    assert contest.ndcg == contest.newcomer_ndcg == Interval(1.0, 1.0, 1.0)
    assert contest.rmse.value == pytest.approx(np.sqrt((0.9**2 + 1.1**2) / 2) - 1)


def test_a_contest_survives_its_way_through_json():
    model = Model(Sure(3.1), Parity())
    for champion in (model, None):
        contest = compare(model, champion)
        assert ChampionComparison.from_json(json.loads(json.dumps(asdict(contest)))) == contest
