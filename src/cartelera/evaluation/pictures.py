"""Which pictures the page has, and the words that go with them."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from cartelera.evaluation import breakdown, figures, list_figures
from cartelera.evaluation.comparison import Comparison
from cartelera.evaluation.drift import Drift
from cartelera.evaluation.newcomer_lists import Newcomers
from cartelera.evaluation.tuned import BIAS_ONLY, POPULARITY, TITLE_MEAN, USER_MEAN

_CURVE_CAPTION = (
    "Error by pass over the ratings: on train as the pass goes, on validation ratings after it. "
    "Validation ratings are a part of train, never the held-out ones."
)
_ONE_EPOCH_CAPTION = "Only the error after the last pass over the ratings is known."


@dataclass(frozen=True)
class Picture:
    """A picture of the page.

    Attributes:
        name: Its file name without suffix.
        title: Its heading.
        caption: What it shows and how to read it.
        png: Its content.
    """

    name: str
    title: str
    caption: str
    png: bytes

    @property
    def data_url(self) -> str:
        """Return the content as a URL that needs no file."""
        return "data:image/png;base64," + base64.b64encode(self.png).decode("ascii")


@dataclass(frozen=True)
class Pictures:
    """The pictures of the page by section.

    Attributes:
        lists: How good lists are.
        stars: How good predicted stars are.
        drift: How new ratings differ.
    """

    lists: list[Picture]
    stars: list[Picture]
    drift: list[Picture]

    def save(self, folder: Path) -> None:
        """Write each picture as a PNG file of its name."""
        folder.mkdir(parents=True)
        for picture in (*self.lists, *self.stars, *self.drift):
            (folder / f"{picture.name}.png").write_bytes(picture.png)


def draw_lists(
    comparison: Comparison, newcomers: Newcomers, kinds: Mapping[str, "pd.Series[Any]"]
) -> list[Picture]:
    """Draw how good the lists are.

    Args:
        comparison: What was measured with whole histories.
        newcomers: What was measured with few ratings.
        kinds: Groups of users, as for `breakdown.ndcg_by_group`, by what they are.
    """
    beside = [name for name in (comparison.first, POPULARITY) if name in comparison.rankers]
    by_kind = [
        (kind, table)
        for kind, groups in kinds.items()
        if len(table := breakdown.ndcg_by_group(comparison, groups, beside))
    ]
    by_group = Picture(
        "ndcg_by_group",
        "Lists by kind of person",
        "Whom the lists serve well and whom less: by how much somebody rated, by the genre they "
        "like more than others do, and by the platform most of their titles stand on.",
        list_figures.by_group(by_kind) if by_kind else b"",
    )
    return [
        Picture(
            "ndcg",
            "Lists beside other rankers",
            "How far up the lists hold what users turned out to like. The bars are intervals from "
            "resampling users; whether two rankers differ is judged on the paired difference.",
            list_figures.ndcg(comparison),
        ),
        Picture(
            "newcomers",
            "Lists by the number of ratings",
            "The same users, of whose ratings only the latest few are told.",
            list_figures.newcomers(newcomers),
        ),
        Picture(
            "rare_titles",
            "Hits among titles that not everybody knows",
            "Recall with each relevant title weighed by one over the root of its number of "
            "ratings, and recall of titles outside the best known that hold half of the ratings.",
            list_figures.rare_titles(comparison),
        ),
        Picture(
            "variety",
            "Variety",
            "Share of titles that are in anybody's list, how unequally titles share the places "
            "(0: evenly, 1: one has all), and the share of a list that another user's has too.",
            list_figures.variety(comparison),
        ),
        *([by_group] if by_kind else []),
    ]


def draw_stars(
    comparison: Comparison,
    train: pd.DataFrame,
    test: pd.DataFrame,
    curve: pd.DataFrame,
    fold_in: pd.DataFrame | None = None,
) -> list[Picture]:
    """Draw how good predicted stars are.

    Args:
        comparison: Made on these two parts; its first model predicts stars.
        train: What the models were fitted on.
        test: Held-out ratings.
        curve: `columns.CURVE_COLUMNS`, one row an epoch.
        fold_in: `columns.FOLD_IN_CURVE_COLUMNS`, one row a number of ratings.
    """
    shown = (comparison.first, BIAS_ONLY, TITLE_MEAN, USER_MEAN)
    lines = [model for model in shown if model in comparison.predictions]

    # Without newcomers there is no such picture, and none is drawn.
    newcomers = Picture(
        "fold_in",
        "Error for newcomers",
        "People the rating model was not fitted with, by the number of ratings they have given.",
        b"" if fold_in is None else figures.fold_in_curve(fold_in),
    )

    return [
        Picture(
            "rmse",
            "The model beside the baselines",
            "Root mean squared error on the held-out ratings. The bars are intervals from "
            "resampling users; whether two models differ is judged on the paired difference above, "
            "which is narrower than two overlapping bars suggest.",
            figures.rmse_beside_baselines(comparison),
        ),
        *([] if fold_in is None else [newcomers]),
        Picture(
            "learning_curve",
            "Learning curve",
            _CURVE_CAPTION if len(curve) > 1 else _ONE_EPOCH_CAPTION,
            figures.learning_curve(curve),
        ),
        Picture(
            "calibration",
            "Predicted against true",
            "On the dashed line a prediction of 4 stars means 4 stars on average. A flatter curve "
            "means predictions too bold, a steeper one predictions too timid.",
            figures.calibration(breakdown.calibration(test, comparison)),
        ),
        Picture(
            "rmse_by_activity",
            "Error by user activity",
            "From users with few ratings to users with many.",
            figures.rmse_by_group(
                breakdown.rmse_by_activity(train, test, comparison),
                "ratings of the user in train",
                lines,
            ),
        ),
        Picture(
            "rmse_by_popularity",
            "Error by title popularity",
            "From titles with few ratings to titles with many; 0 are titles new in test.",
            figures.rmse_by_group(
                breakdown.rmse_by_popularity(train, test, comparison),
                "ratings of the title in train",
                lines,
            ),
        ),
    ]


def draw_drift(drift: Drift) -> list[Picture]:
    """Draw the pictures of the section about new ratings."""
    return [
        Picture(
            "drift_stars",
            "Stars, before and now",
            "Share of the ratings with each number of stars.",
            figures.stars_before_and_now(drift),
        ),
        Picture(
            "drift_activity",
            "Activity over time",
            "Ratings in 24 periods of equal length, and the share of a period's users and titles "
            "that appear for the first time. The new ratings are those right of the dashed line.",
            figures.activity(drift),
        ),
    ]
