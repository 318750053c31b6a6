"""How a model was made, in plain words."""

from collections.abc import Mapping
from typing import Any


def describe(card: Mapping[str, Any]) -> str:
    """Say in a sentence or two how a model was made; nothing if its card does not say."""
    if "role" not in card:
        return ""
    blend = card.get("blend")
    if not blend:
        return str(card["role"])
    numbers = (
        f"validation RMSE {blend['blend_valid_rmse']:.4f} against {blend['single_valid_rmse']:.4f}"
    )
    if blend["ships"]:
        what = f"The average of {blend['n_models']} models, better than the best alone ({numbers})."
    else:
        what = (
            f"The best trial's model: the average of {blend['n_models']} is not better by the "
            f"margin of {blend['margin']} ({numbers})."
        )
    return f"{what} {card['role']}"
