"""Everything measured once, for the page, the JSON report and the tracked metrics."""

from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from cartelera import columns as c
from cartelera.catalogue.works import WorkCounts
from cartelera.explore import associations as a
from cartelera.explore.features import KEPT, REASON, choose_columns
from cartelera.explore.rating_tables import ranked_counts, rated_titles, share_of_top
from cartelera.explore.tables import duration_fences, with_duration
from cartelera.platforms import Platforms
from cartelera.ratings.pool import PooledRatings, pool_ratings
from cartelera.ratings.signal import SignalVerdict, assess_signal
from cartelera.ratings.tested import Outcome

COMPARED: Final = (
    *("n_titles", "n_movies", "n_tv_shows", "n_imputed_certificates", "median_minutes"),
    *("n_ratings", "n_users", "n_rated_titles", "density", "mean_rating", "std_rating"),
    *("median_ratings_per_user", "median_ratings_per_title"),
    *("quality_statistic", "quality_p_value", "taste_statistic", "taste_p_value"),
)
"""Of the headline numbers those that data are compared by."""


@dataclass(frozen=True)
class Exploration:
    """What is known about clean titles and ratings.

    Attributes:
        titles: Clean titles.
        ratings: Clean ratings of titles as published.
        works: How many works the titles are.
        pooled: The ratings by work, which models learn from.
        rated: The rated titles with `score` and `n_ratings`.
        columns: Every column with its association, whether it is kept, and why.
        verdict: Whether the ratings by work show differences in quality, and in taste.
        platforms: The platforms there are.
        top_n: Length of rankings.
        min_association: The association from which on a column is kept.
        alpha: The largest p-value that counts as more than chance.
    """

    titles: pd.DataFrame
    ratings: pd.DataFrame
    works: WorkCounts
    pooled: PooledRatings
    rated: pd.DataFrame
    columns: pd.DataFrame
    verdict: SignalVerdict
    platforms: Platforms
    top_n: int
    min_association: float
    alpha: float

    @property
    def mean_rating(self) -> float:
        """Mean of all ratings, in stars; 0 without ratings."""
        return float(self.ratings[c.RATING].mean()) if len(self.ratings) else 0.0

    @property
    def density(self) -> float:
        """Share of all pairs of a user who rates and a rated title that have a rating."""
        pairs = self.ratings[c.USER_ID].nunique() * len(self.rated)
        return len(self.ratings) / pairs if pairs else 0.0


def explore(
    titles: pd.DataFrame,
    ratings: pd.DataFrame,
    *,
    top_n: int,
    min_association: float,
    n_permutations: int,
    alpha: float,
    seed: int,
    platforms: Platforms | None = None,
) -> Exploration:
    """Pool the ratings of works, measure associations, test for signal, decide about the columns.

    Quality and taste are what models learn, so they are looked for in the ratings by work.
    Associations are those of titles as published: a platform is a title's own.

    Args:
        titles: Clean titles.
        ratings: Clean ratings of these titles.
        top_n: Length of rankings.
        min_association: The association from which on a column is kept, 0 to 1.
        n_permutations: Draws behind each p-value.
        alpha: The largest p-value that counts as more than chance.
        seed: Seed of the shuffles.
        platforms: The platforms there are; those of the titles if left out.

    Raises:
        ConfigError: If so few permutations can never reach alpha.
    """
    pooled = pool_ratings(ratings, titles.set_index(c.ID)[c.WORK_ID])
    verdict = assess_signal(pooled.ratings, n_permutations=n_permutations, alpha=alpha, seed=seed)
    found = a.associations(titles, ratings, n_permutations=n_permutations, seed=seed)
    return Exploration(
        titles=titles,
        ratings=ratings,
        works=WorkCounts.of(titles),
        pooled=pooled,
        rated=rated_titles(titles, ratings),
        columns=choose_columns(found, min_association=min_association, alpha=alpha),
        verdict=verdict,
        platforms=platforms or Platforms.named(titles[c.PLATFORM]),
        top_n=top_n,
        min_association=min_association,
        alpha=alpha,
    )


def headline_metrics(exploration: Exploration) -> dict[str, float]:
    """Return the numbers worth tracking, flat: counts, means, shares, associations, p-values."""
    titles, ratings = exploration.titles, exploration.ratings
    users = ranked_counts(ratings, c.USER_ID)
    rated = ranked_counts(ratings, c.TITLE_ID)
    minutes = with_duration(titles, c.MINUTES)[c.DURATION_INT]
    metrics: dict[str, float] = {
        "n_titles": len(titles),
        "n_movies": int((titles[c.TYPE] == c.MOVIE).sum()),
        "n_tv_shows": int((titles[c.TYPE] == c.TV_SHOW).sum()),
        **{
            f"n_titles_{name}": int((titles[c.PLATFORM] == name).sum())
            for name in exploration.platforms.names
        },
        "n_imputed_certificates": int(titles[c.CERTIFICATE_IMPUTED].sum()),
        "n_ratings": len(ratings),
        "n_users": users.size,
        "n_rated_titles": rated.size,
        "density": exploration.density,
        "mean_rating": exploration.mean_rating,
        "share_of_ratings_by_top_tenth_of_users": share_of_top(users, 0.1),
        "share_of_ratings_of_top_tenth_of_titles": share_of_top(rated, 0.1),
        **_outcome("quality", exploration.verdict.quality),
        **_outcome("taste", exploration.verdict.taste),
    }

    if len(ratings):
        metrics["std_rating"] = float(ratings[c.RATING].std(ddof=0))
        metrics["median_ratings_per_user"] = float(np.median(users))
        metrics["median_ratings_per_title"] = float(np.median(rated))

    if len(minutes):
        low, high = duration_fences(minutes)
        metrics["median_minutes"] = float(minutes.median())
        metrics["n_duration_outliers"] = int(((minutes < low) | (minutes > high)).sum())

    measured = exploration.columns.dropna(subset=[a.ASSOCIATION])
    for _, row in measured.iterrows():
        metrics[f"association_{row[a.TABLE]}_{row[a.COLUMN]}"] = float(row[a.ASSOCIATION])

    return metrics


def compared_metrics(exploration: Exploration) -> dict[str, float]:
    """Return the few numbers that data are compared by: those there are of `COMPARED`."""
    metrics = headline_metrics(exploration)
    return {name: metrics[name] for name in COMPARED if name in metrics}


def as_json(exploration: Exploration) -> dict[str, Any]:
    """Return the JSON report: headline numbers, works, verdict, every column and why it is kept."""
    pooled = exploration.pooled
    return {
        "headline": headline_metrics(exploration),
        "works": {
            **asdict(exploration.works),
            "ratings_by_title": pooled.n_published,
            "ratings_under_another_id": pooled.n_renamed,
            "ratings_merged": pooled.n_merged,
            "ratings_by_work": len(pooled.ratings),
            "rated_works": pooled.n_works,
        },
        "signal": asdict(exploration.verdict),
        "min_association": exploration.min_association,
        "columns": [_column(row) for _, row in exploration.columns.iterrows()],
    }


def _outcome(name: str, outcome: Outcome) -> dict[str, float]:
    return {
        f"{name}_statistic": outcome.statistic,
        f"{name}_expected": outcome.expected,
        f"{name}_p_value": outcome.p_value,
    }


def _column(row: pd.Series) -> dict[str, Any]:
    measured = pd.notna(row[a.ASSOCIATION])
    return {
        a.TABLE: row[a.TABLE],
        a.COLUMN: row[a.COLUMN],
        a.N_LEVELS: int(row[a.N_LEVELS]) if measured else None,
        **{
            name: float(row[name]) if measured else None
            for name in (a.ETA_SQUARED, a.CHANCE, a.ASSOCIATION, a.P_VALUE)
        },
        KEPT: bool(row[KEPT]),
        REASON: row[REASON],
    }
