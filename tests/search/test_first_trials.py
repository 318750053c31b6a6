from cartelera.models.registry import find_model
from cartelera.search.first_trials import start_draws
from cartelera.search.space import parse_space


def draws(**space):
    model = find_model("ranking")
    return start_draws(parse_space(space, {}, model.parameters), model.starts)


def test_a_study_begins_at_ease_and_at_pure_svd_as_nearly_as_its_space_allows():
    found = draws(
        n_factors={"type": "int", "low": 4, "high": 64, "log": True},
        reg={"type": "float", "low": 0.1, "high": 1000.0, "log": True},
        reg_count={"type": "float", "low": 0.01, "high": 10.0, "log": True},
        leave_one_out={"type": "float", "low": 0.0, "high": 0.5},
    )

    ease = {"n_factors": 64, "reg_count": 0.01, "leave_one_out": 0.5}
    assert found[:3] == [{**ease, "reg": found[n]["reg"]} for n in range(3)]
    assert [round(one["reg"]) for one in found[:3]] == [10, 100, 1000]

    pure_svd = {"reg": 0.1, "reg_count": 0.01, "leave_one_out": 0.0}
    assert found[3:] == [{**pure_svd, "n_factors": n} for n in (4, 8, 16)]


def test_what_is_not_drawn_in_a_range_is_not_varied():
    one_range = {"type": "float", "low": 0.0, "high": 1.0}
    assert draws(leave_one_out=one_range) == [{"leave_one_out": 1.0}, {"leave_one_out": 0.0}]
    assert draws(rating_weight=one_range) == []
