"""What each picture of the catalogues says, in a sentence or two with its numbers."""

import pandas as pd

from cartelera import columns as c
from cartelera.explore.tables import N_TITLES, VALUE, duration_fences
from cartelera.explore.wording import counted, number, percent


def sizes(table: pd.DataFrame) -> str:
    """Say which platform offers most and how many titles are movies."""
    totals = table.sum(axis=1)
    total, movies = int(totals.sum()), int(table[c.MOVIE].sum())
    largest, smallest = int(totals.argmax()), int(totals.argmin())
    return (
        f"{totals.index[largest].capitalize()} offers most, {counted(totals.max(), 'title')} or "
        f"{percent(totals.max() / total)} of all; {totals.index[smallest]} least, "
        f"{number(totals.min())}. "
        f"{percent(movies / total)} of all titles are movies."
    )


def released(titles: pd.DataFrame) -> str:
    """Say how new the titles are."""
    years = titles[c.RELEASE_YEAR]
    oldest = titles.sort_values([c.RELEASE_YEAR, c.DISPLAY_TITLE]).iloc[0]
    per_year = years.value_counts().sort_index()
    busiest = per_year.index[int(per_year.argmax())]
    return (
        f"Half of the titles were released in {years.median():.0f} or later; the commonest year is "
        f"{busiest}. The oldest, “{oldest[c.DISPLAY_TITLE]}”, is from "
        f"{oldest[c.RELEASE_YEAR]}."
    )


def added(titles: pd.DataFrame) -> str:
    """Say for how many titles the date is known, and where it is not."""
    known = titles[c.DATE_ADDED].notna()
    shares = known.groupby(titles[c.PLATFORM]).mean()
    sentence = f"The date is known for {percent(known.mean())} of the titles"
    if shares.min() < 1:
        least = shares.index[int(shares.argmin())]
        sentence += (
            f", but only for {percent(shares.min())} of those on {least}: read this picture as the "
            "history of the platforms that publish their dates"
        )
    return sentence + "."


def missing(shares: pd.DataFrame, titles: pd.DataFrame) -> str:
    """Say which cells are missing most, and what became of missing certificates."""
    column = str(shares.index[0])
    overall = titles[column].isna().mean() if column != c.CERTIFICATE else None
    complete_gaps = [
        f"{name} on {platform}"
        for platform in shares
        for name in shares.index[shares[platform] == 1]
    ]
    imputed = int(titles[c.CERTIFICATE_IMPUTED].sum())
    sentence = f"The emptiest column is {column}"
    if overall is not None:
        sentence += f", missing for {percent(overall)} of all titles"
    sentence += "."
    if complete_gaps:
        sentence += f" Missing altogether: {', '.join(complete_gaps)}."
    if imputed:
        sentence += (
            f" {counted(imputed, 'title')} had no certificate and got “g” filled in, which is "
            "marked: a filter for families must not trust it."
        )

    return sentence


def movie_lengths(minutes: pd.Series, longest_shown: float) -> str:
    """Say how long movies are and how many are outliers."""
    low, high = duration_fences(minutes)
    n_short, n_long = int((minutes < low).sum()), int((minutes > high).sum())
    beyond = int((minutes > longest_shown).sum())
    sentence = (
        f"The middle length is {minutes.median():.0f} minutes, and half of the titles lie between "
        f"{minutes.quantile(0.25):.0f} and {minutes.quantile(0.75):.0f}. By the usual fences "
        f"(1.5 times that range beyond it) {counted(n_short, 'title is', 'titles are')} unusually "
        f"short and {number(n_long)} unusually long."
    )
    if beyond:
        sentence += (
            f" Not drawn: {counted(beyond, 'title')} of more than {longest_shown:.0f} minutes."
        )
    return sentence


def lengths_by_platform(movies: pd.DataFrame) -> str:
    """Say where movies run longest and shortest in the middle."""
    medians = movies.groupby(c.PLATFORM)[c.DURATION_INT].median()
    if len(medians) == 1:
        return f"Only {medians.index[0]} has lengths; the middle one is {medians.iloc[0]:.0f} min."
    return (
        f"The middle movie runs longest on {medians.idxmax()} ({medians.max():.0f} minutes) and "
        f"shortest on {medians.idxmin()} ({medians.min():.0f}). A box holds the middle half, its "
        "line is the median, and every dot is an outlier of its platform."
    )


def seasons(counts: pd.Series) -> str:
    """Say how many shows end after one season, and how far the longest goes."""
    total = counts.sum()
    return (
        f"{percent(counts.get(1, 0) / total)} of {counted(total, 'title')} counted in seasons have "
        f"a single one; the most seasons are {number(counts.index.max())}."
    )


def ranking(table: pd.DataFrame, titles: pd.DataFrame, n_values: int, noun: tuple[str, str]) -> str:
    """Say what leads a ranking.

    Args:
        table: Commonest values, as `tables.top_values` gives them.
        titles: Clean titles.
        n_values: Different values in all.
        noun: What a value is, in singular and plural.
    """
    leader = table.iloc[0]
    sentence = (
        f"“{leader[VALUE]}” leads with {counted(leader[N_TITLES], 'title')}, "
        f"{percent(leader[N_TITLES] / len(titles))} of all"
    )
    if n_values > len(table):
        return f"{sentence}; shown are the {len(table)} commonest of {counted(n_values, *noun)}."
    return f"{sentence}; there {'is' if n_values == 1 else 'are'} {counted(n_values, *noun)}."
