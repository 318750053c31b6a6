import json
from dataclasses import asdict

import pytest

from cartelera import columns as c
from cartelera.errors import InputError
from cartelera.evaluation import spot_checks as s


@pytest.fixture(autouse=True)
def few_ratings_are_enough(monkeypatch):
    monkeypatch.setattr(s, "MIN_TRAIN_RATINGS", 3)
    monkeypatch.setattr(s, "MIN_TEST_RATINGS", 2)


def check_all(model, train, test, titles, n_users=10, seed=0):
    users = s.draw_users(train, test, n_users, seed)
    return s.spot_checks(users, model.rater, model.ranker, train, test, titles, k=2)


def test_only_users_with_enough_ratings_are_drawn(model, train, test, titles):
    assert [check.user_id for check in check_all(model, train, test, titles)] == [1, 2, 3]


def test_the_seed_draws(model, train, test, titles):
    def drawn(seed):
        return [x.user_id for x in check_all(model, train, test, titles, n_users=1, seed=seed)]

    assert drawn(1) == drawn(1)
    assert {user for seed in range(20) for user in drawn(seed)} == {1, 2, 3}


def test_one_user_worked_by_hand(model, train, test, titles):
    check = check_all(model, train, test, titles)[1]

    assert (check.user_id, check.n_train, check.n_test) == (2, 3, 2)
    assert [(x.title, x.stars) for x in check.liked] == [
        ("Epsilon", 5.0),
        ("Alpha", 4.0),
        ("Beta", 2.0),
    ]
    assert [x.title for x in check.recommended] == ["Delta", "Gamma <3"]
    assert [(x.title, x.predicted, x.stars) for x in check.held_out] == [
        ("Delta", 3.0, 2.0),
        ("Gamma <3", 3.0, 4.0),
    ]
    assert check.recommended[0] == s.Recommended(
        "d", "Delta", "netflix", "tv show", 2004, 0.5, 3.0, "ranking"
    )


def test_nobody_with_enough_ratings_gives_no_checks(model, train, test, titles):
    assert check_all(model, train, test[:1], titles) == []


def test_long_lists_are_cut(model, train, test, titles, monkeypatch):
    monkeypatch.setattr(s, "MAX_LIKED", 1)
    monkeypatch.setattr(s, "MAX_HELD_OUT", 1)

    check = check_all(model, train, test, titles)[0]

    assert [x.title for x in check.liked] == ["Alpha"]
    assert [x.title for x in check.held_out] == ["Zeta"]
    assert check.n_test == 2


def test_it_goes_into_json(model, train, test, titles):
    checks = check_all(model, train, test, titles)

    assert json.loads(json.dumps([asdict(check) for check in checks]))[0]["user_id"] == 1


def test_a_rated_title_without_a_catalogue_row_is_named(model, train, test, titles):
    with pytest.raises(InputError, match="Title a "):
        check_all(model, train, test, titles[titles[c.ID] != "a"])


def test_titles_nobody_rated_are_said_to_come_from_the_catalogue(fake, train, test, titles):
    model = fake("abcdef", {user: [0, 0, 0, 0, 0, 1] for user in (1, 2, 3)})

    check = check_all(model, train, test, titles)[0]

    assert [(x.title, x.origin) for x in check.recommended] == [
        ("Zeta", "content"),
        ("Epsilon", "ranking"),
    ]
