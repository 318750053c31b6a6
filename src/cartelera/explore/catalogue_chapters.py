"""The chapters about the catalogues."""

import pandas as pd

from cartelera import columns as c
from cartelera.explore import figures, tables, takeaways
from cartelera.explore.exploration import Exploration
from cartelera.explore.page import Chapter, Panel, Table, nothing

_EXTREMES = 5
_EARLIEST_SHARE = 0.01  # of the oldest titles, not drawn: they would stretch the axis
_LONGEST_SHARE = 0.998  # of the movies, drawn: a few extremes would squeeze all others


def catalogue_chapters(exploration: Exploration) -> list[Chapter]:
    """Ask and answer what the catalogues hold."""
    titles = exploration.titles
    return [
        Chapter(
            "catalogues",
            "The catalogues",
            (
                _sizes(exploration),
                _released(exploration),
                _added(exploration),
                _missing(exploration),
            ),
        ),
        Chapter(
            "durations",
            "How long things are",
            (_movie_lengths(titles), _lengths_by_platform(exploration), _seasons(titles)),
        ),
        Chapter(
            "labels",
            "Genres, countries, certificates",
            (
                _ranking(exploration, c.LISTED_IN, "Which genres?", ("genre", "genres")),
                _ranking(exploration, c.COUNTRY, "From where?", ("country", "countries")),
                _ranking(
                    exploration, c.CERTIFICATE, "For whom?", ("certificate", "different ones")
                ),
            ),
        ),
    ]


def _sizes(exploration: Exploration) -> Panel:
    titles, platforms = exploration.titles, exploration.platforms
    heading = "Who offers how much?"
    if titles.empty:
        return nothing("sizes", heading, "the catalogues are empty")
    table = tables.catalogue_sizes(titles, platforms.names)
    return Panel(
        "sizes",
        heading,
        takeaways.sizes(table),
        "Bars: movies and TV shows of each platform.",
        figures.sizes(table, platforms),
    )


def _released(exploration: Exploration) -> Panel:
    titles, platforms = exploration.titles, exploration.platforms
    heading = "How old are the titles?"
    if titles.empty:
        return nothing("released", heading, "the catalogues are empty")
    years = titles[c.RELEASE_YEAR]
    first = int(years.quantile(_EARLIEST_SHARE))
    takeaway = takeaways.released(titles)
    earlier = int((years < first).sum())
    if earlier:
        takeaway += f" Not drawn: {earlier:,} released before {first}."
    return Panel(
        "released",
        heading,
        takeaway,
        "Bars: titles by year of release, stacked by platform.",
        figures.over_years(
            tables.titles_by_year(titles, years, platforms.names),
            first,
            "year of release",
            platforms,
        ),
    )


def _added(exploration: Exploration) -> Panel:
    titles, platforms = exploration.titles, exploration.platforms
    heading = "When were they added?"
    years = tables.years_added(titles)
    if years.notna().sum() == 0:
        return nothing("added", heading, "no title has a date")
    counts = tables.titles_by_year(titles, years, platforms.names)
    return Panel(
        "added",
        heading,
        takeaways.added(titles),
        "Bars: titles by the year they were added, stacked by platform.",
        figures.over_years(counts, int(counts.index.min()), "year added", platforms),
    )


def _missing(exploration: Exploration) -> Panel:
    titles, platforms = exploration.titles, exploration.platforms
    heading = "What is missing?"
    shares = tables.missing_shares(titles, platforms.names)
    if shares.empty:
        return nothing("missing", heading, "no cell is missing")
    return Panel(
        "missing",
        heading,
        takeaways.missing(shares, titles),
        "Grid: share of missing cells by column and platform, the darker the more.",
        figures.missing(shares),
    )


def _movie_lengths(titles: pd.DataFrame) -> Panel:
    heading = "How many minutes?"
    minutes = tables.with_duration(titles, c.MINUTES)[c.DURATION_INT]
    if minutes.empty:
        return nothing("minutes", heading, "no title has a length in minutes")
    longest_shown = max(float(minutes.quantile(_LONGEST_SHARE)), 1.0)
    return Panel(
        "minutes",
        heading,
        takeaways.movie_lengths(minutes, longest_shown),
        "Histogram: titles by length in minutes, with median and outlier fences.",
        figures.movie_lengths(minutes, longest_shown),
        _extremes(titles, c.MINUTES, "Minutes"),
    )


def _lengths_by_platform(exploration: Exploration) -> Panel:
    titles, platforms = exploration.titles, exploration.platforms
    heading = "Do platforms differ in length?"
    movies = tables.with_duration(titles, c.MINUTES)
    if movies.empty:
        return nothing("minutes_by_platform", heading, "no title has a length in minutes")
    return Panel(
        "minutes_by_platform",
        heading,
        takeaways.lengths_by_platform(movies),
        "Box plots: lengths in minutes on each platform.",
        figures.lengths_by_platform(movies, platforms),
    )


def _seasons(titles: pd.DataFrame) -> Panel:
    heading = "How many seasons?"
    seasons = tables.with_duration(titles, c.SEASONS)[c.DURATION_INT]
    if seasons.empty:
        return nothing("seasons", heading, "no title has a length in seasons")
    counts = seasons.value_counts().sort_index()
    longest, _ = _extremes(titles, c.SEASONS, "Seasons")
    return Panel(
        "seasons",
        heading,
        takeaways.seasons(counts),
        "Bars: titles by number of seasons, logarithmic scale.",
        figures.seasons(counts),
        (longest,),
    )


def _extremes(titles: pd.DataFrame, unit: str, unit_name: str) -> tuple[Table, Table]:
    longest, shortest = tables.extreme_titles(titles, unit, _EXTREMES)
    head = ("Title", "Platform", "Year", unit_name)
    return (
        Table("The longest", head, _rows(longest)),
        Table("The shortest", head, _rows(shortest)),
    )


def _rows(titles: pd.DataFrame) -> tuple[tuple[str, ...], ...]:
    shown = titles[[c.DISPLAY_TITLE, c.PLATFORM, c.RELEASE_YEAR, c.DURATION_INT]].astype(str)
    return tuple(tuple(row) for row in shown.itertuples(index=False))


def _ranking(exploration: Exploration, column: str, heading: str, noun: tuple[str, str]) -> Panel:
    titles = exploration.titles
    name = "certificates" if column == c.CERTIFICATE else column
    top = (
        tables.top_certificates(titles, exploration.top_n)
        if column == c.CERTIFICATE
        else tables.top_values(titles, column, exploration.top_n)
    )
    if top.empty:
        return nothing(name, heading, "no title has one")
    n_values = tables.tokens(titles[column]).nunique()
    return Panel(
        name,
        heading,
        takeaways.ranking(top, titles, n_values, noun),
        f"Bars: the commonest {noun[1]} by number of titles.",
        figures.ranking(top),
    )
