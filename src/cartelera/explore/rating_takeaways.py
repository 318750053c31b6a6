"""What each picture of the ratings says, in a sentence or two with its numbers."""

import numpy as np
import pandas as pd

from cartelera import columns as c
from cartelera.catalogue.works import WorkCounts
from cartelera.explore import associations as a
from cartelera.explore.features import KEPT
from cartelera.explore.rating_figures import readable_column
from cartelera.explore.rating_tables import HIGH, LEVEL, LOW, SHARE, share_of_top
from cartelera.explore.wording import counted, number, percent
from cartelera.ratings.pool import PooledRatings

_TENTH = 0.1


def distribution(table: pd.DataFrame, ratings: pd.DataFrame) -> str:
    """Say where ratings gather and whether half stars are rarer."""
    stars = ratings[c.RATING]
    commonest = table.iloc[int(table[SHARE].argmax())]
    halves = float((stars % 1 != 0).mean())
    return (
        f"{number(commonest[c.RATING]) if commonest[c.RATING] % 1 == 0 else commonest[c.RATING]} "
        f"stars is the commonest rating ({percent(commonest[SHARE])}); the mean is "
        f"{stars.mean():.2f}, the standard deviation {stars.std(ddof=0):.2f} stars. "
        f"{percent(halves)} of the ratings use a half star."
    )


def long_tails(users: np.ndarray, titles: np.ndarray) -> str:
    """Say how unevenly ratings are spread over users and titles."""
    once = int((titles == 1).sum())
    return (
        f"The most active tenth of the users gave {percent(share_of_top(users, _TENTH))} of all "
        f"ratings, and the most popular tenth of the rated titles got "
        f"{percent(share_of_top(titles, _TENTH))}. A user gave {number(np.median(users))} ratings "
        f"in the middle and {number(users.max())} at most; {counted(once, 'title')} "
        f"({percent(once / titles.size)} of the rated ones) got just one."
    )


def through_time(counts: pd.Series) -> str:
    """Say when the ratings were given."""
    if len(counts) == 1:
        return f"All ratings were given in {counts.index[0]}."
    busiest = counts.index[int(counts.argmax())]
    return (
        f"Ratings run from {counts.index.min()} to {counts.index.max()}; in {busiest} most were "
        f"given, {number(counts.max())} or {percent(counts.max() / counts.sum())}."
    )


def pooled(works: WorkCounts, ratings: PooledRatings) -> str:
    """Say how many titles share a work, and what became of their ratings."""
    if not works.groups:
        return "No title shares a work with another: the models learn from each title's ratings."

    sentence = (
        f"{counted(works.pooled_titles, 'title')} are {counted(works.groups, 'work')}: their name, "
        "type and year are the same."
    )
    if works.groups_on_one_platform:
        sentence += f" On a single platform stand {number(works.groups_on_one_platform)} of these."
    return (
        f"{sentence} The models learn from all ratings of a work together: of "
        f"{counted(ratings.n_published, 'rating')}, {counted(ratings.n_renamed, 'goes', 'go')} to "
        "the title that stands for the work from another one, "
        f"{counted(ratings.n_merged, 'gives', 'give')} way to a later one of the same user and "
        f"work, and {number(len(ratings.ratings))} remain. The pictures and scores here are of "
        "titles as published."
    )


def score_groups(table: pd.DataFrame, mean: float, of_what: str) -> str:
    """Say which group scores highest and lowest, and whether the difference is more than noise."""
    sound = table.dropna(subset=[LOW])
    if len(sound) < 2:
        return "There are too few groups to compare."
    best = sound.iloc[int(sound[c.SCORE].argmax())]
    worst = sound.iloc[int(sound[c.SCORE].argmin())]
    apart = int(((sound[LOW] > mean) | (sound[HIGH] < mean)).sum())
    return (
        f"Highest: {best[LEVEL]} with {best[c.SCORE]:.2f} stars; lowest: {worst[LEVEL]} with "
        f"{worst[c.SCORE]:.2f}. The 95% intervals (bars) of {apart} of {len(sound)} {of_what} "
        f"leave out the overall mean of {mean:.2f} (dashed); chance alone would do that for about "
        "one in twenty. Larger dots stand for more ratings."
    )


def association_strength(decided: pd.DataFrame) -> str:
    """Say what the model reads, what else goes with the rating, and how to tell from chance."""
    measured = decided.dropna(subset=[a.ASSOCIATION])
    of_titles = measured[measured[a.TABLE] == a.TITLES]
    largest = of_titles.iloc[int(of_titles[a.ETA_SQUARED].argmax())]
    features = of_titles[of_titles[KEPT]].sort_values(a.ASSOCIATION, ascending=False)
    names = [f"{readable_column(row)} ({row[a.ASSOCIATION]:.2f})" for _, row in features.iterrows()]
    goes_with = (
        f"these go with the rating beyond chance (association in brackets): {', '.join(names)}. "
        "They are kept for models that look at what a title is; this one does not."
        if names
        else "none goes with the rating beyond chance far enough to be kept."
    )

    return (
        f"The model learns from who rated which title how: {c.USER_ID}, {c.TITLE_ID} and "
        f"{c.RATING}; the {c.TIMESTAMP} tells earlier ratings from later ones. Of the columns of "
        f"the titles, {goes_with} What counts is the way from the open circle (chance) to the "
        "full mark, since a column with many different values always seems to explain much: "
        f"{readable_column(largest)} has {counted(largest[a.N_LEVELS], 'level')} and holds "
        f"{percent(largest[a.ETA_SQUARED])} of the variance between them, yet shuffled among the "
        f"titles it would still hold {percent(largest[a.CHANCE])}."
    )
