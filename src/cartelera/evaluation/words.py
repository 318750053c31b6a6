"""How models and measures are called in pictures and on the page."""

from typing import Final

from cartelera.evaluation import comparison as m

MODEL_NAMES: Final = {
    "model": "Model",
    "bias_only": "Bias only",
    "user_mean": "User mean",
    "global_mean": "Global mean",
    "popularity": "Popularity",
}
"""A model that is not here is shown by the name it has."""

MEASURE_NAMES: Final = {
    m.RMSE: "RMSE",
    m.MAE: "MAE",
    m.PRECISION: "Precision@{k}",
    m.RECALL: "Recall@{k}",
    m.NDCG: "NDCG@{k}",
    m.MAP: "MAP@{k}",
    m.NOVELTY: "Novelty@{k}",
    m.COVERAGE: "Coverage@{k}",
}

LOWER_IS_BETTER: Final = (m.RMSE, m.MAE)
HIGHER_IS_BETTER: Final = (m.PRECISION, m.RECALL, m.NDCG, m.MAP)
"""Novelty and coverage are in neither: lists drawn at random would have most of both."""


def model_name(model: str) -> str:
    """Give the name people see."""
    return MODEL_NAMES.get(model, model)


def measure_name(measure: str, k: int) -> str:
    """Give the name people see, with the length of the list."""
    return MEASURE_NAMES[measure].format(k=k)
