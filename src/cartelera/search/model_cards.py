"""What the card of an exported model says about where it comes from."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import pandas as pd

from cartelera import files
from cartelera.ratings.ratings_profile import REFERENCE, RatingsProfile
from cartelera.search.model_selection import Choice

MEASURED: Final = "Fitted on train and measured on test; a twin fitted on both ships in its place."
SHIPPED: Final = "Fitted on train and test, to ship; measured was its twin, fitted on train alone."
BOTH: Final = "Fitted on train and measured on test; this very model ships."

_COUNTS = ("n_ratings", "n_users", "n_titles", "first_timestamp", "last_timestamp")
_SIGNAL = ("quality", "taste", "n_tested")


def of_choice(
    best: Mapping[str, Any],
    ranking: Mapping[str, Any],
    choice: Choice,
    margin: float,
    everything: pd.DataFrame,
    eda: Path,
) -> dict[str, Any]:
    """Describe what the measured and the shipped model have in common.

    Without a clock, so that the same model has the same card.

    Args:
        best: What the search wrote about the rating model's best trial.
        ranking: What it wrote about the ranking model's.
        choice: What won.
        margin: By how much a blend had to win, in stars.
        everything: All ratings, train and test: what later ones are compared with.
        eda: The exploratory report in numbers, if there is one.
    """
    signal = files.read_json(eda).get("signal", {}) if eda.is_file() else {}
    return {
        "model": best["model"],
        "search": {key: best[key] for key in ("study", "trial", "valid_rmse")},
        "ranking_search": {key: ranking[key] for key in ("study", "trial", "valid_ndcg")},
        **_of_blend(choice, margin),
        "taste": signal.get("sentence", "The ratings were not tested for quality and taste."),
        # For those who say it in other words than the sentence's.
        "signal": {name: signal[name] for name in _SIGNAL if name in signal} or None,
        REFERENCE: RatingsProfile.of(everything).to_json(),
    }


def of_fit(ratings: pd.DataFrame, parts: Mapping[str, Path]) -> dict[str, Any]:
    """Describe what a model was fitted on.

    Args:
        ratings: All of it.
        parts: The files that make it up, by name.
    """
    profile = RatingsProfile.of(ratings).to_json()
    return {
        "parts": list(parts),
        "sha256": {name: files.sha256(path) for name, path in parts.items()},
        **{name: profile[name] for name in _COUNTS},
    }


def _of_blend(choice: Choice, margin: float) -> dict[str, Any]:
    if not choice.blends:
        return {}
    first = choice.blends[0]
    return {
        "blend": {
            "ships": len(choice.members) > 1,
            "of": first.of,
            "n_models": len(first.members),
            "margin": margin,
            "single_valid_rmse": choice.single_rmse,
            "blend_valid_rmse": first.rmse,
            "tried": {one.of: one.rmse for one in choice.blends},
        }
    }
