"""Today's ratings, for recipes to be fitted on again and candidates to be measured with.

The champion's recipe, refitted, and the comparison with it are kept beside the model, so that the
report and the gate, which are made by two stages, show the same numbers and fit it once.
"""

import hashlib
import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import pandas as pd

from cartelera import columns as c
from cartelera import files
from cartelera.catalogue.fingerprint import FINGERPRINT, Fingerprint
from cartelera.errors import InputError
from cartelera.evaluation.champion_comparison import ChampionComparison, compare_to_champion
from cartelera.evaluation.entry import Entry
from cartelera.evaluation.metrics_json import (
    NEWCOMERS,
    SPLIT_DIGEST,
    headline,
    newcomer_metrics,
    to_metrics,
)
from cartelera.evaluation.model_evaluation import evaluate_model
from cartelera.evaluation.settings import Settings
from cartelera.evaluation.tuned import POPULARITY, Baselines
from cartelera.models.model import Model
from cartelera.models.recipe import RECIPE, Recipe, fit
from cartelera.paths import Paths, require
from cartelera.ratings.ratings_profile import REFERENCE
from cartelera.tracking.model_folders import folder_digest
from cartelera.tracking.recipes import recipe_digest
from cartelera.tracking.versions import ModelFiles, card_of

logger = logging.getLogger(__name__)

RIVAL: Final = "rival"
COMPARISON: Final = "contest.json"

_OF_TODAY: Final = ("role", "train", "taste", "signal", FINGERPRINT, REFERENCE)
"""What a card says of the ratings; the rest is of the recipe, or of the model's own numbers."""

_ALL: Final = "all"

_OWN: Final = ("format_version", "shapes", "sha256", "global_mean", "scale", "biased")


@dataclass(frozen=True, kw_only=True)
class RefitSettings:
    """How recipes are fitted and measured again.

    Attributes:
        source: Where the raw files came from, such as `sample`.
        scale: Lowest and highest rating, in stars.
        ship_on: What the model that ships learns from: `train`, or `all`.
        interval_coverage: Share of true ratings between the ends around a prediction.
        min_users: The fewest users whose lists are compared.
        comparison: How models are compared.
        fit_baselines: Fits the baselines to the train part.
    """

    source: str
    scale: tuple[float, float]
    ship_on: str
    interval_coverage: float
    min_users: int
    comparison: Settings
    fit_baselines: Callable[[pd.DataFrame], Baselines]


class TodaysRatings:
    """Train and test part, and what is fitted on them.

    Args:
        settings: How.
        paths: `train`, `test`, `clean_titles` and `factors` are read; `model/rival` and
            `model/contest.json` are written, and believed where they are about the same.
        split_digest: The digest of train and test.
        baselines: Fitted to the train part, if they are at hand; else they are fitted when needed.
    """

    def __init__(
        self,
        settings: RefitSettings,
        paths: Paths,
        split_digest: str,
        baselines: Mapping[str, Entry] | None = None,
    ) -> None:
        self._settings = settings
        self._paths = paths
        self._split_digest = split_digest
        self._baselines = baselines

    @cached_property
    def train(self) -> pd.DataFrame:
        """The train part."""
        return pd.read_parquet(require(self._paths.train, "split"))

    @cached_property
    def test(self) -> pd.DataFrame:
        """The test part."""
        return pd.read_parquet(require(self._paths.test, "split"))

    @cached_property
    def titles(self) -> pd.DataFrame:
        """The clean titles."""
        return pd.read_parquet(require(self._paths.clean_titles, "etl"))

    @property
    def fingerprint(self) -> Fingerprint:
        """What tells the data from another data set's."""
        rated = pd.concat([self.train[c.TITLE_ID], self.test[c.TITLE_ID]]).unique()
        return Fingerprint.of(self._settings.source, self.titles, rated)

    @property
    def digest(self) -> str:
        """A digest of everything models are fitted on and measured by."""
        settings = self._settings
        return _digest([self._split_digest, self._titles_digest, settings.scale, settings.ship_on])

    def compare_to_champion(
        self, champion: Recipe | None, *, anew: bool = False
    ) -> ChampionComparison | str:
        """Compare the trained model with the baselines and a champion's recipe, refitted.

        Args:
            champion: The recipe; None if there is no champion.
            anew: Whether to compare in any case, whatever is kept.

        Returns:
            The comparison, or a sentence that says why there is none.

        Raises:
            CarteleraError: If the recipe cannot be followed any more.
        """
        min_users = self._settings.min_users
        kept = self._paths.model / COMPARISON
        key = _digest(
            [
                folder_digest(self._paths.factors),
                None if champion is None else recipe_digest(champion),
                self.digest,
                asdict(self._settings.comparison),
                min_users,
            ]
        )
        if not anew and (found := _read_kept(kept, key)) is not None:
            return found

        comparison = compare_to_champion(
            Model.load(self._paths.factors),
            None if champion is None else self.on_train(champion),
            self._fitted_baselines,
            self.train,
            self.test,
            self._settings.comparison,
            min_users=min_users,
        )
        with files.all_or_nothing(kept) as (draft,):
            said = comparison if isinstance(comparison, str) else asdict(comparison)
            files.write_json(draft, {"sha256": key, "contest": said})
        return comparison

    def on_train(self, recipe: Recipe) -> Model:
        """Fit a recipe to the train part, or return the one that was fitted last."""
        key = _digest([recipe_digest(recipe), self.digest])
        kept = self._paths.model / RIVAL
        if (model := _load_kept(kept, key)) is not None:
            return model
        logger.info("Fitting the champion's recipe to the train part of today.")
        model = fit(recipe, self.train, self.titles, self._settings.scale)
        with files.all_or_nothing(kept) as (draft,):
            model.save(draft / "factors", {})
            files.write_json(draft / "key.json", {"sha256": key})
        return model

    def refit(self, recipe: Recipe, card: Mapping[str, Any], folder: Path) -> ModelFiles:
        """Fit a recipe as the train stage would, to measure and to ship.

        Args:
            recipe: The recipe.
            card: The card of the version it comes from.
            folder: Where to write both.
        """
        content = ModelFiles(folder / "factors", folder / "shipped")
        model = self.on_train(recipe)
        self._save(model, recipe, card, content.factors, self._paths.factors)
        if self._settings.ship_on == _ALL:
            logger.info("Fitting the champion's recipe to all ratings of today.")
            everything = pd.concat([self.train, self.test], ignore_index=True)
            model = fit(recipe, everything, self.titles, self._settings.scale)
        self._save(model, recipe, card, content.shipped, self._paths.shipped)
        return content

    def evaluate(self, model: Model) -> dict[str, dict[str, Any]]:
        """Measure a model fitted to the train part, as the evaluate stage measures the trained.

        Returns:
            By file name, what the service states of a model.
        """
        found = evaluate_model(
            model,
            self._fitted_baselines,
            self.train,
            self.test,
            self._settings.comparison,
            interval_coverage=self._settings.interval_coverage,
            newcomers_beside=[POPULARITY],
        )
        newcomers = newcomer_metrics(found.newcomers)
        metrics = headline({**to_metrics(found.comparison), NEWCOMERS: newcomers})
        return {
            "metrics.json": {**metrics, SPLIT_DIGEST: self._split_digest},
            "intervals.json": found.residuals.to_json(),
        }

    def _save(
        self, model: Model, recipe: Recipe, card: Mapping[str, Any], folder: Path, like: Path
    ) -> None:
        """Save a model with what is said of its recipe and, by today's model, of the ratings."""
        of_today = card_of(like)
        own = (*_OWN, *model.rating.card, *_OF_TODAY)
        of_recipe = {name: value for name, value in card.items() if name not in own}
        of_ratings = {name: of_today[name] for name in _OF_TODAY if name in of_today}
        model.save(folder, {**of_recipe, **of_ratings, RECIPE: recipe.to_json()})

    @cached_property
    def _titles_digest(self) -> str:
        return files.sha256(require(self._paths.clean_titles, "etl"))

    @cached_property
    def _fitted_baselines(self) -> Mapping[str, Entry]:
        return self._baselines or self._settings.fit_baselines(self.train).entries


def _digest(content: Any) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def _read_kept(path: Path, key: str) -> ChampionComparison | str | None:
    try:
        kept = files.read_json(path)
        if kept["sha256"] != key:
            return None
        said = kept["contest"]
        return said if isinstance(said, str) else ChampionComparison.from_json(said)
    except (OSError, KeyError, TypeError, ValueError):
        return None


def _load_kept(folder: Path, key: str) -> Model | None:
    try:
        if files.read_json(folder / "key.json")["sha256"] == key:
            model = Model.load(folder / "factors")
            of_fit = {name: value for name, value in model.rating.card.items() if name not in _OWN}
            return Model(replace(model.rating, card=of_fit), model.ranking)
    except (OSError, KeyError, ValueError, InputError):
        return None
    return None
