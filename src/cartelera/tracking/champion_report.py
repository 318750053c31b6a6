"""The champion in the evaluation's report: how its recipe compares, which ratings are new to it.

The champion's files are no dependency of a stage, because the stages after it bring them up to
date; they are looked at where they are.
"""

import logging
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any, Final, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cartelera import columns as c
from cartelera.catalogue.fingerprint import is_of_other_data
from cartelera.errors import CarteleraError, InputError
from cartelera.evaluation.drift import Drift, Limits, measure_drift, split_by_time
from cartelera.evaluation.rounding import rounded
from cartelera.evaluation.verdicts import Verdict
from cartelera.factorization.factors import Factors
from cartelera.factorization.recommender import Ids
from cartelera.files import read_json
from cartelera.models.recipe import Recipe
from cartelera.paths import Paths, require
from cartelera.ratings.ratings_profile import REFERENCE, RatingsProfile
from cartelera.tracking.checks import Rules, check
from cartelera.tracking.recipes import recipe_digest, recipe_of_card
from cartelera.tracking.todays_ratings import TodaysRatings
from cartelera.tracking.versions import CHAMPION

logger = logging.getLogger(__name__)

BESIDE_CHAMPION: Final = "beside_champion"
"""Where the report's numbers keep the comparison."""


@dataclass(frozen=True)
class Champion:
    """The model in the first place when the stage ran.

    Attributes:
        version: Its version in the registry.
        known_users: The users that its rating model knows, as it shipped.
        known_titles: The titles that it knows, each by the id that stands for its work today: the
            work may have come to another platform since.
        reference: What all ratings looked like then; None if its card does not say.
        recipe: What makes it again; None if its card does not say.
    """

    version: int
    known_users: Ids
    known_titles: Ids
    reference: RatingsProfile | None
    recipe: Recipe | None = None

    @classmethod
    def read(cls, paths: Paths) -> Self | None:
        """Read the champion; None if there is none, or it is not whole, or of other data."""
        folder = paths.champion / "shipped"
        if not folder.is_dir() or not paths.registered.is_file():
            return None

        try:
            registered = read_json(paths.registered)
            if CHAMPION not in registered["aliases"]:
                return None
            factors = Factors.load(folder)
            titles = pd.read_parquet(require(paths.clean_titles, "etl"))
            if is_of_other_data(factors.card, titles):
                return None
            reference = factors.card.get(REFERENCE)
            profile = None if reference is None else RatingsProfile.from_json(reference)
            return cls(
                version=int(registered["version"]),
                known_users=factors.user_ids,
                known_titles=_works_today(factors.title_ids, titles),
                reference=profile,
                recipe=_recipe(factors.card),
            )
        except (InputError, KeyError, TypeError, ValueError) as error:
            logger.warning("The champion is not looked at: %s", error)
            return None


def report_on_champion(
    today: TodaysRatings, champion: Champion | None, card: Mapping[str, Any], rules: Rules
) -> tuple[dict[str, Any], list[Verdict]]:
    """Set the trained model beside the champion's recipe, as the gate will.

    Args:
        today: Where both are measured.
        champion: The champion, if there is one.
        card: The trained model's card.
        rules: Those of the gate.

    Returns:
        The numbers and the verdicts; both empty if there is no other champion.
    """
    if champion is None or champion.recipe is None:
        today.compare_to_champion(None, anew=True)  # for the gate
        return {}, []
    if recipe_digest(champion.recipe) == recipe_digest(recipe_of_card(card)):
        return {}, []

    try:
        comparison = today.compare_to_champion(champion.recipe, anew=True)
    except CarteleraError as error:
        comparison = str(error)

    if isinstance(comparison, str):
        sentence = (
            f"The model cannot be compared with the champion, version {champion.version}: "
            f"{comparison}"
        )
        return {}, [Verdict(False, sentence)]

    checks = check(champion.version, comparison, rules)
    numbers = {"version": champion.version, **rounded(asdict(comparison))}
    return {BESIDE_CHAMPION: numbers}, [Verdict(one.passed, one.sentence) for one in checks]


def drift_since(
    ratings: pd.DataFrame, champion: Champion | None, limits: Limits, recent_share: float
) -> tuple[Drift | None, str]:
    """Compare the ratings since the champion with those it knew, or the latest with those before.

    Where there is a champion, users and titles are new if what ships does not know them, whichever
    ratings are looked at: the latest ones may have been learnt by it already.

    Args:
        ratings: All clean ratings, train and test.
        champion: The champion, if there is one.
        limits: From where on a difference counts.
        recent_share: Share of the ratings that are the latest, where there is no champion to ask.

    Returns:
        How they differ, None if there are no later ones, and which ratings that is about.
    """
    if champion is None or champion.reference is None:
        return _drift_over_time(ratings, champion, recent_share, limits)
    drift, about = _drift_since_champion(ratings, champion, champion.reference, limits)
    if drift is not None:
        return drift, about
    drift, over_time = _drift_over_time(ratings, champion, recent_share, limits)
    return drift, f"{about} {over_time}"


def _drift_since_champion(
    ratings: pd.DataFrame, champion: Champion, reference: RatingsProfile, limits: Limits
) -> tuple[Drift | None, str]:
    new = ratings[ratings[c.TIMESTAMP] > reference.last_timestamp]
    drift = measure_drift(
        ratings,
        new,
        reference,
        known_users=champion.known_users,
        known_titles=champion.known_titles,
        limits=limits,
    )
    if drift is None:
        return None, "No ratings are later than those that the champion knew of."
    return drift, (
        f"The {len(new):,} ratings after the last one that the champion, version "
        f"{champion.version}, knew of ({_day(reference.last_timestamp)}), beside its "
        f"{reference.n_ratings:,} ratings."
    )


def _drift_over_time(
    ratings: pd.DataFrame, champion: Champion | None, recent_share: float, limits: Limits
) -> tuple[Drift | None, str]:
    earlier, recent = split_by_time(ratings, recent_share)
    known_users, known_titles = earlier[c.USER_ID].unique(), earlier[c.TITLE_ID].unique()
    known_to = ""
    if champion is not None:
        known_users, known_titles = champion.known_users, champion.known_titles
        known_to = f" New users and titles are those that version {champion.version} does not know."
    drift = measure_drift(
        ratings,
        recent,
        RatingsProfile.of(earlier),
        known_users=known_users,
        known_titles=known_titles,
        limits=limits,
    )

    if drift is None:
        return None, "The ratings were all given at the same time: none are new."
    since = _day(drift.new.first_timestamp)
    return drift, (
        f"The latest {len(recent):,} ratings, from {since} on, beside the {len(earlier):,} before."
        f"{known_to}"
    )


def _works_today(title_ids: Ids, titles: pd.DataFrame) -> NDArray[np.str_]:
    """Return the titles by the ids that stand for their works in a catalogue of clean titles."""
    known = pd.Series(title_ids, dtype="str")
    works = known.map(titles.set_index(c.ID)[c.WORK_ID])
    return works.fillna(known).to_numpy(dtype=np.str_)


def _recipe(card: Mapping[str, Any]) -> Recipe | None:
    try:
        return recipe_of_card(card)
    except InputError:
        return None


def _day(timestamp: int) -> str:
    return f"{datetime.fromtimestamp(timestamp, UTC):%Y-%m-%d}"
