"""Have the ratings changed? New users and titles, other stars, other activity, signal or none."""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from cartelera import columns as c
from cartelera.evaluation.rounding import DIGITS
from cartelera.factorization.recommender import Ids
from cartelera.ratings.ratings_profile import RatingsProfile
from cartelera.ratings.signal import SignalVerdict, assess_signal
from cartelera.ratings.tested import Outcome

PERIOD_START: Final = "period_start"
N_RATINGS: Final = "n_ratings"
N_USERS: Final = "n_users"
N_TITLES: Final = "n_titles"
N_NEW_USERS: Final = "n_new_users"
N_NEW_TITLES: Final = "n_new_titles"

ENOUGH_FOR_QUALITY: Final = 2000
"""With fewer ratings, no sign of quality says little."""

ENOUGH_FOR_TASTE: Final = 20_000
"""The same for taste, which is fainter: so many ratings of MovieLens showed it in every draw of
users tried, half as many in about half of them."""

_PERIODS = 24
_HALF = 0.5


@dataclass(frozen=True)
class Limits:
    """From when on a change is worth a person's attention.

    Attributes:
        new: Share of the new ratings that are of new users, or of new titles.
        psi: Population stability index of the stars.
        alpha: The largest p-value that counts as quality, or as taste.
        n_permutations: Draws of either test.
        seed: Seed of both.
    """

    new: float
    psi: float
    alpha: float
    n_permutations: int
    seed: int


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at, in plain words."""

    is_fine: bool
    sentence: str


@dataclass(frozen=True)
class Drift:
    """How new ratings differ from those before them.

    Attributes:
        before: The ratings to compare with.
        new: The new ratings.
        share_of_new_users: Share of the new ratings that are of users not known before.
        share_of_new_titles: Share of the new ratings that are of titles not known before.
        psi: Population stability index of the stars (`stability_index`).
        psi_by_chance: What chance alone seldom exceeds.
        signal: Whether the new ratings show differences in quality, and in taste.
        activity: One row a period of equal length, all ratings: `period_start` (seconds since 1970
            UTC), `n_ratings`, `n_users`, `n_titles`, and how many of them appear for the first
            time, `n_new_users` and `n_new_titles`.
        findings: In plain words.
    """

    before: RatingsProfile
    new: RatingsProfile
    share_of_new_users: float
    share_of_new_titles: float
    psi: float
    psi_by_chance: float
    signal: SignalVerdict
    activity: pd.DataFrame
    findings: tuple[Finding, ...]

    @property
    def verdict(self) -> Finding:
        """Sum the findings up."""
        odd = [finding.sentence for finding in self.findings if not finding.is_fine]
        if odd:
            return Finding(False, " ".join(odd))
        return Finding(True, f"Nothing to worry about in {self.new.n_ratings:,} new ratings.")

    def to_json(self) -> dict[str, Any]:
        """Return it as plain values, rounded."""
        return {
            "verdict": self.verdict.sentence,
            "is_fine": self.verdict.is_fine,
            "findings": [asdict(finding) for finding in self.findings],
            "share_of_new_users": round(self.share_of_new_users, DIGITS),
            "share_of_new_titles": round(self.share_of_new_titles, DIGITS),
            "psi": round(self.psi, DIGITS),
            "psi_by_chance": round(self.psi_by_chance, DIGITS),
            "mean_shift": round(self.new.mean_rating - self.before.mean_rating, DIGITS),
            "signal": {
                "quality": _rounded(self.signal.quality),
                "taste": _rounded(self.signal.taste),
                "sentence": self.signal.sentence,
                "n_tested": self.signal.n_tested,
            },
            "before": self.before.to_json(),
            "new": self.new.to_json(),
            "activity": self.activity.to_dict(orient="list"),
        }


def split_by_time(ratings: pd.DataFrame, recent_share: float) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Split ratings at one moment, whoever gave them.

    Args:
        ratings: Clean ratings.
        recent_share: Share of them that shall be the later part, between 0 and 1.

    Returns:
        The ratings up to that moment and those after it; of the same second are all in one part,
        so the later part may be smaller, and empty.
    """
    moment = ratings[c.TIMESTAMP].quantile(1 - recent_share, interpolation="lower")
    is_recent = ratings[c.TIMESTAMP] > moment
    return ratings[~is_recent], ratings[is_recent]


def measure_drift(
    ratings: pd.DataFrame,
    new: pd.DataFrame,
    before: RatingsProfile,
    *,
    known_users: Ids,
    known_titles: Ids,
    limits: Limits,
) -> Drift | None:
    """Compare new ratings with those before them; None if there are no new ones.

    Args:
        ratings: All clean ratings, for the activity over time.
        new: The new ones among them.
        before: What the others look like.
        known_users: Users known before.
        known_titles: Titles known before.
        limits: What is worth attention.
    """
    if new.empty or not before.n_ratings:
        return None

    signal = assess_signal(
        new, n_permutations=limits.n_permutations, alpha=limits.alpha, seed=limits.seed
    )
    profile = RatingsProfile.of(new)
    shares = [
        1 - float(new[column].isin(np.asarray(known)).mean())
        for column, known in ((c.USER_ID, known_users), (c.TITLE_ID, known_titles))
    ]

    # An index of few ratings is large by chance: what chance alone makes is said beside it.
    psi = stability_index(before.histogram, profile.histogram)
    by_chance = stability_by_chance(before.histogram, profile.histogram)

    return Drift(
        before=before,
        new=profile,
        share_of_new_users=shares[0],
        share_of_new_titles=shares[1],
        psi=psi,
        psi_by_chance=by_chance,
        signal=signal,
        activity=activity(ratings),
        findings=(
            _of_the_unknown(shares[0], "users", limits.new),
            _of_the_unknown(shares[1], "titles", limits.new),
            _of_stars(before, profile, psi, limits.psi, by_chance),
            _of_quality(signal),
            _of_taste(signal),
        ),
    )


def stability_index(before: Mapping[Any, int], new: Mapping[Any, int]) -> float:
    """Return the population stability index of two histograms, 0 if their shares are equal.

    `sum_i (a_i - e_i) ln(a_i / e_i)` with the shares e before and a now (Siddiqi, Credit Risk
    Scorecards, 2006, chapter 10; the divergence J of Kullback and Leibler, 1951). Half a rating is
    added to each number of stars, so that one that only occurs in one of them does not make it
    infinite. By custom below 0.1 is little, above 0.25 is much.

    Args:
        before: How many ratings there were of each number of stars, or of other values.
        new: How many there are now.
    """
    expected, actual = _shares(before, new)
    return float(np.sum((actual - expected) * np.log(actual / expected)))


def stability_by_chance(before: Mapping[Any, int], new: Mapping[Any, int]) -> float:
    """Return what the index seldom exceeds if nothing has changed.

    It is then distributed about as (1/n + 1/m) chi2 with B - 1 degrees of freedom (Yurdakul,
    Statistical Properties of Population Stability Index, 2018), n and m being the numbers of
    ratings and B of bins; the mean and two standard deviations of that.
    """
    freedom = len(before.keys() | new.keys()) - 1
    per_degree = 1 / sum(before.values()) + 1 / sum(new.values())
    return per_degree * (freedom + 2 * math.sqrt(2 * freedom))


def activity(ratings: pd.DataFrame) -> pd.DataFrame:
    """Count ratings, users and newcomers by periods of equal length; see `Drift.activity`."""
    times = ratings[c.TIMESTAMP].to_numpy(dtype=np.int64)
    edges = np.linspace(times.min(), times.max() + 1, _PERIODS + 1)
    periods = pd.Series(np.searchsorted(edges, times, side="right") - 1, index=ratings.index)
    counts = pd.DataFrame(
        {
            N_RATINGS: periods.value_counts(),
            N_USERS: ratings[c.USER_ID].groupby(periods).nunique(),
            N_TITLES: ratings[c.TITLE_ID].groupby(periods).nunique(),
            N_NEW_USERS: periods.groupby(ratings[c.USER_ID]).min().value_counts(),
            N_NEW_TITLES: periods.groupby(ratings[c.TITLE_ID]).min().value_counts(),
        }
    )
    counts = counts.reindex(range(_PERIODS)).fillna(0).astype(np.int64)
    counts.insert(0, PERIOD_START, np.ceil(edges[:-1]).astype(np.int64))
    return counts


def _shares(before: Mapping[Any, int], new: Mapping[Any, int]) -> list[np.ndarray]:
    stars = sorted(before.keys() | new.keys())
    counts = [np.array([part.get(s, 0) for s in stars]) + _HALF for part in (before, new)]
    return [part / part.sum() for part in counts]


def _of_the_unknown(share: float, what: str, limit: float) -> Finding:
    is_fine = share <= limit
    return Finding(
        is_fine,
        f"{share:.1%} of the new ratings are of {what} not known before"
        + ("." if is_fine else f", which is more than {limit:.0%}: a new fit is due."),
    )


def _of_stars(
    before: RatingsProfile, new: RatingsProfile, psi: float, limit: float, by_chance: float
) -> Finding:
    found = (
        f"a mean of {new.mean_rating:.2f} stars after {before.mean_rating:.2f}, stability index "
        f"{psi:.3f}"
    )
    if psi <= limit:
        return Finding(True, f"The stars are spread as before: {found}.")
    if psi <= by_chance:
        return Finding(
            True, f"The new ratings are too few to say that stars are spread differently: {found}."
        )
    return Finding(
        False,
        f"The stars are spread differently: {found}, more than {max(limit, by_chance):.2f}.",
    )


def _of_quality(signal: SignalVerdict) -> Finding:
    return _of_signal(signal.quality, "quality", signal.n_tested, ENOUGH_FOR_QUALITY)


def _of_taste(signal: SignalVerdict) -> Finding:
    if not signal.taste.is_tested:
        return Finding(
            True, "Too few people rated the same new titles to test the new ratings for taste."
        )
    return _of_signal(signal.taste, "taste", signal.n_tested, ENOUGH_FOR_TASTE)


def _of_signal(outcome: Outcome, what: str, n_tested: int, enough: int) -> Finding:
    if outcome.is_found:
        return Finding(True, f"The new ratings alone show differences in {what}.")
    if n_tested < enough:
        return Finding(
            True, f"The new ratings are too few to show {what} alone ({n_tested:,} tested)."
        )
    return Finding(
        False,
        f"The new ratings alone show no differences in {what}: what is new may be made up.",
    )


def _rounded(outcome: Outcome) -> dict[str, Any]:
    return {
        key: round(value, DIGITS) if isinstance(value, float) else value
        for key, value in asdict(outcome).items()
    }
