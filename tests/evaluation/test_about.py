import pytest

from cartelera.evaluation.verdicts import describe

BLEND = {
    "ships": True, "n_models": 3, "margin": 0.001,
    "single_valid_rmse": 0.86, "blend_valid_rmse": 0.85,
}  # fmt: skip


@pytest.mark.parametrize(
    ("card", "said"),
    [
        ({}, ""),
        ({"role": "It ships."}, "It ships."),
        (
            {"role": "It ships.", "blend": BLEND},
            "The average of 3 models, better than the best alone (validation RMSE 0.8500 against "
            "0.8600). It ships.",
        ),
        (
            {"role": "It ships.", "blend": {**BLEND, "ships": False}},
            "The best trial's model: the average of 3 is not better by the margin of 0.001 "
            "(validation RMSE 0.8500 against 0.8600). It ships.",
        ),
    ],
)
def test_in_plain_words(card, said):
    assert describe(card) == said
