from cartelera.models.registry import find_model
from cartelera.search.first_trials import start_draws
from cartelera.search.space import parse_space


def draws(**space):
    model = find_model("ranking")
    return start_draws(parse_space(space, {}, model.parameters), model.start, model.start_spread)


def test_a_study_begins_at_ease_as_nearly_as_its_space_allows():
    found = draws(
        n_factors={"type": "int", "low": 4, "high": 128, "log": True},
        reg={"type": "float", "low": 0.1, "high": 1000.0, "log": True},
        reg_count={"type": "float", "low": 0.01, "high": 10.0, "log": True},
        leave_one_out={"type": "float", "low": 0.0, "high": 0.5},
    )

    shared = {"n_factors": 128, "reg_count": 0.01, "leave_one_out": 0.5}
    assert [{name: one[name] for name in shared} for one in found] == [shared] * 3
    assert [round(one["reg"]) for one in found] == [10, 100, 1000]


def test_without_a_range_of_regularisation_there_is_one_start():
    one_range = {"type": "float", "low": 0.0, "high": 1.0}
    assert draws(leave_one_out=one_range) == [{"leave_one_out": 1.0}]
    assert draws(rating_weight=one_range) == []
