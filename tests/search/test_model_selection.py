import json
from io import StringIO

import numpy as np
import pandas as pd
import pytest

from cartelera import columns as c
from cartelera.errors import InputError
from cartelera.search.model_selection import (
    Fitter,
    Member,
    best_members,
    blends_to_try,
    other_seeds,
)

BEST = {
    "trial": 3,
    "params": {"biased": True, "random_state": 7, "n_factors": 4, "lr_all": 0.1, "n_epochs": 9},
}
TRIALS = """trial,state,valid_rmse,best_epoch,n_factors,lr_all,reg_all,seconds
0,complete,0.9,5,2,0.012345678901234567,,1.5
1,pruned,0.1,,3,0.02,,1.5
2,complete,0.8,12,16,0.03,0.2,1.5
3,complete,0.7,9,4,0.1,,1.5
4,complete,0.8,3,5,1,,1.5
"""


def trials(text: str = TRIALS) -> pd.DataFrame:
    return pd.read_csv(StringIO(text))


def test_one_member_is_the_best_trial_whatever_the_table():
    assert best_members(BEST, pd.DataFrame(), 1) == (Member(3, BEST["params"]),)


def test_members_are_the_best_complete_trials_each_with_its_own_seed():
    """Equal trials in the order of their numbers; what was not drawn is not set."""
    members = best_members(BEST, trials(), 4)

    assert members == (
        Member(3, BEST["params"]),
        Member(
            2,
            {"biased": True, "n_factors": 16, "lr_all": 0.03, "reg_all": 0.2, "n_epochs": 12, "random_state": 8},
        ),
        Member(4, {"biased": True, "n_factors": 5, "lr_all": 1.0, "n_epochs": 3, "random_state": 9}),
        Member(
            0,
            {"biased": True, "n_factors": 2, "lr_all": 0.012345678901234567, "n_epochs": 5, "random_state": 10},
        ),
    )  # fmt: skip
    json.dumps([dict(member.params) for member in members])


def test_a_conditional_parameter_of_the_best_trial_is_not_passed_on():
    best = {"trial": 2, "params": {"n_factors": 16, "reg_all": 0.2, "n_epochs": 12}}
    table = trials().assign(valid_rmse=lambda rows: rows["valid_rmse"] - (rows["trial"] == 2))

    _, other = best_members(best, table, 2)

    assert other.trial == 3
    assert "reg_all" not in other.params
    assert other.params["random_state"] == 1


def test_flags_and_words_come_back_as_they_were():
    table = trials().assign(biased=[True, False, False, True, True])
    assert [m.params["biased"] for m in best_members(BEST, table, 3)] == [True, False, True]


def test_fewer_complete_trials_than_asked_for_are_all_listed():
    assert len(best_members(BEST, trials(), 9)) == 4


def test_the_largest_seed_is_followed_by_the_smallest():
    best = {**BEST, "params": {**BEST["params"], "random_state": 2**32 - 1}}
    assert best_members(best, trials(), 2)[1].params["random_state"] == 0


@pytest.mark.parametrize(
    ("table", "said"),
    [
        (trials().drop(columns="best_epoch"), "best_epoch"),
        (trials()[:3], "lacks trial 3"),
        (trials().assign(state="pruned"), "lacks trial 3"),
    ],
)
def test_a_table_that_is_not_the_searchs_is_refused(table, said):
    with pytest.raises(InputError, match=said):
        best_members(BEST, table, 2)


@pytest.fixture(scope="module")
def parts() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Ratings of noise: models that learn it by heart are better averaged."""
    rng = np.random.default_rng(0)
    pairs = rng.permutation(30 * 20)[:500]
    ratings = pd.DataFrame(
        {
            c.USER_ID: pairs // 20,
            c.TITLE_ID: pd.Series([f"ns{pair % 20}" for pair in pairs], dtype="str"),
            c.RATING: rng.integers(1, 11, 500) / 2,
            c.TIMESTAMP: np.arange(500),
        }
    )
    return ratings[:400], ratings[400:]


def members(n: int) -> list[Member]:
    params = {"n_factors": 6, "n_epochs": 40, "lr_all": 0.02, "reg_all": 0.01}
    return [Member(number, {**params, "random_state": number}) for number in range(n)]


def choose(parts, blends, margin, on_fit=lambda: None):
    fitter = Fitter("svd", (0.5, 5.0), on_fit)
    return fitter.choose(members(1)[0], blends, *parts, margin)


def test_other_seeds_change_nothing_else():
    assert other_seeds(Member(3, BEST["params"]), 3) == tuple(
        Member(3, {**BEST["params"], "random_state": seed}) for seed in (7, 8, 9)
    )
    assert other_seeds(Member(3, {}), 2)[1].params == {"random_state": 1}


def test_a_blend_is_chosen_when_it_wins_by_the_margin(parts):
    done = []

    choice = choose(parts, {"trials": members(4)}, 0.0, lambda: done.append(1))

    assert len(done) == 4
    assert [(one.of, len(one.members)) for one in choice.blends] == [("trials", 4)]
    gain = choice.single_rmse - choice.blends[0].rmse
    assert gain > 0
    for margin, n_members in ((gain - 1e-9, 4), (gain + 1e-9, 1)):
        assert len(choose(parts, {"trials": members(4)}, margin).members) == n_members


def test_the_better_blend_is_chosen(parts):
    blends = {"trials": members(2), "seeds": members(5)}

    choice = choose(parts, blends, 0.0)

    assert [one.of for one in choice.blends] == ["seeds", "trials"]
    assert choice.blends[0].rmse < choice.blends[1].rmse
    assert choice.members == tuple(members(5))


def test_trials_that_go_together_are_found_among_more(parts):
    done = []
    fitter = Fitter("svd", (0.5, 5.0), lambda: done.append(1))
    pool = members(6)

    choice = fitter.choose(pool[0], {"trials": pool[:3]}, *parts, 0.0, pool=pool, most=3)

    assert [one.of for one in choice.blends] == ["trials that go together", "trials"]
    assert len(choice.members) == 3
    assert all(member in pool for member in choice.members)
    assert len(done) == 6, "each member is fitted once, however many blends it is in"


def test_when_none_go_together_there_is_no_blend(parts):
    same = [Member(number, dict(members(1)[0].params)) for number in range(3)]
    fitter = Fitter("svd", (0.5, 5.0))

    choice = fitter.choose(same[0], {}, *parts, 0.0, pool=same, most=3)

    assert (choice.blends, choice.members) == ((), (same[0],))


def test_a_single_model_has_nothing_to_win_against(parts):
    choice = choose(parts, {}, 0.0)

    assert (choice.blends, choice.members) == ((), tuple(members(1)))
    assert choice.single_rmse == pytest.approx(choice.curve["valid_rmse"].iloc[-1], abs=1e-5)


def test_the_measured_rmse_is_that_of_what_would_be_fitted(parts):
    train, valid = parts
    fitter = Fitter("svd", (0.5, 5.0))
    choice = choose(parts, {"trials": members(3)}, 0.0)

    for chosen, expected in ((members(3), choice.blends[0].rmse), (members(1), choice.single_rmse)):
        model = fitter.fit(chosen, train)
        errors = model.predict(valid[c.USER_ID], valid[c.TITLE_ID]) - valid[c.RATING]
        assert np.sqrt(np.mean(errors**2)) == pytest.approx(expected, abs=1e-6)


def test_the_best_trials_and_the_very_best_from_other_seeds_are_blended():
    pool = members(5)

    assert blends_to_try(pool, 1) == {}
    assert blends_to_try(pool, 3) == {"trials": pool[:3], "seeds": other_seeds(pool[0], 3)}
    assert blends_to_try(pool[:1], 3) == {"seeds": other_seeds(pool[0], 3)}
