"""What makes a model again from ratings: kinds, all parameters, seeds."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Self

import pandas as pd

from cartelera.errors import InputError
from cartelera.factorization.blend import blend
from cartelera.factorization.factors import Factors
from cartelera.models.model import Model
from cartelera.models.registry import fit_factors
from cartelera.ranking.fitting import fit_ranking
from cartelera.ranking.parameters import RankingParams

RECIPE: Final = "recipe"
"""Where a model card keeps the recipe."""


@dataclass(frozen=True)
class Recipe:
    """How both models are fitted.

    Attributes:
        name: Which implementation of the rating model: `svd` or `surprise_svd`.
        members: All parameters of each rating model that is averaged; one for a single model.
        ranking: The ranking model's parameters, by name.
    """

    name: str
    members: tuple[Mapping[str, Any], ...]
    ranking: Mapping[str, Any]

    @classmethod
    def from_json(cls, content: Any) -> Self:
        """Read what `to_json` returned.

        Raises:
            InputError: If it is not a recipe.
        """
        try:
            recipe = cls(
                str(content["rating"]["name"]),
                tuple(dict(member) for member in content["rating"]["members"]),
                dict(content["ranking"]),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise InputError(f"this is no recipe of a model: {error}") from error
        if not recipe.members:
            raise InputError("this is no recipe of a model: it has no rating model.")
        return recipe

    def to_json(self) -> dict[str, Any]:
        """Return the recipe as plain values: the same recipe, the same values."""
        members = [dict(member) for member in self.members]
        return {
            "rating": {"name": self.name, "members": members},
            "ranking": dict(self.ranking),
        }


def fit_rating_model(
    name: str,
    members: Sequence[Mapping[str, Any]],
    ratings: pd.DataFrame,
    scale: tuple[float, float],
    on_fit: Callable[[], None] = lambda: None,
) -> Factors:
    """Fit one rating model, or the average of several.

    Args:
        name: Which implementation: `svd` or `surprise_svd`.
        members: All parameters of each.
        ratings: What to learn from; columns `user_id`, `title_id` and `rating`.
        scale: Lowest and highest rating, in stars.
        on_fit: Called after each fit.
    """
    models: list[Factors] = []
    for params in members:
        models.append(fit_factors(name, ratings, params, scale=scale).factors)
        on_fit()
    return models[0] if len(models) == 1 else blend(models)


def fit(
    recipe: Recipe,
    ratings: pd.DataFrame,
    titles: pd.DataFrame | None,
    scale: tuple[float, float],
) -> Model:
    """Fit both models of a recipe.

    Args:
        recipe: How.
        ratings: What to learn from; columns `user_id`, `title_id`, `rating` and `timestamp`.
        titles: Clean titles, for those that nobody rated; None leaves these out.
        scale: Lowest and highest rating, in stars.

    Raises:
        ConfigError: If a parameter is unknown or out of range.
        InputError: If the ratings are wrong.
        DivergedError: If the rating model's fit leaves the finite numbers.
    """
    params = RankingParams.from_mapping(recipe.ranking)
    return Model(
        fit_rating_model(recipe.name, recipe.members, ratings, scale),
        fit_ranking(ratings, titles, params),
    )
