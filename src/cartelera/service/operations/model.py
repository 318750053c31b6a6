"""The operation about what lists and predictions come from."""

from typing import TYPE_CHECKING, Final

from cartelera.service.answering.replies import ModelInfo
from cartelera.service.operations.definition import Operations

if TYPE_CHECKING:
    from cartelera.service.answering.answers import Answers


OPERATIONS: Final = Operations("model")


@OPERATIONS.get(
    "/model",
    is_quick=True,
    example={
        "name": "cartelera-svd",
        "version": "3",
        "trained_at": "2026-01-01T00:00:00Z",
        "data_digest": {
            "train": "4122a11ac7dc105e7bd2ea956c0b2977c6830b7968a33b430549dceb6e8ec0a6"
        },
        "taste": "Titles differ in quality in these ratings, and people in taste.",
        "metrics": {
            "model": {"rmse": 0.892, "ndcg_at_k": 0.161},
            "bias_only": {"rmse": 0.913},
            "popularity": {"ndcg_at_k": 0.084},
        },
        "intervals": {"coverage": 0.8, "low": -1.1, "high": 1.0},
        "recommend_at": 3.75,
        "n_users": 671,
        "n_titles": 1510,
        "rating_model": {"n_factors": 100, "params": [{"n_epochs": 20, "reg_all": 0.05}]},
        "ranking_model": {
            "n_factors": 64,
            "n_titles": 22576,
            "n_unrated": 21066,
            "params": {"reg": 5.0, "leave_one_out": 0.7},
        },
        "registered": {"name": "cartelera-svd", "version": 3, "aliases": ["champion"]},
        "card": {"global_mean": 3.54, "scale": [0.5, 5.0]},
    },
)
def model(answers: "Answers") -> ModelInfo:
    """Return which models answer: version, data, measurements beside simpler ways, and card."""
    return answers.model()
