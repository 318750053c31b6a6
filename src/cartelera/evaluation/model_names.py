"""How models are called in pictures and on the page."""

from typing import Final

RATING_MODEL: Final = "rating_model"
"""Lists in the order of the rating model's predicted stars."""

IMPERSONAL: Final = "impersonal"
"""The ranking model with its personal part off: one list for all."""

MODEL_NAMES: Final = {
    "model": "Model",
    RATING_MODEL: "By predicted stars",
    IMPERSONAL: "Model, not personal",
    "popularity": "Popularity",
    "item_knn": "Item kNN",
    "ease": "EASE",
    "bias_only": "Bias only",
    "title_mean": "Title mean",
    "user_mean": "User mean",
    "global_mean": "Global mean",
}
"""A model that is not here is shown by the name it has."""


def model_name(model: str) -> str:
    """Return the name people see."""
    return MODEL_NAMES.get(model, model)
