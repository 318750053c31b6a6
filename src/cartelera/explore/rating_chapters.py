"""The chapters about the ratings."""

import pandas as pd

from cartelera import columns as c
from cartelera.explore import rating_figures as figures
from cartelera.explore import rating_tables as tables
from cartelera.explore import rating_takeaways as takeaways
from cartelera.explore.exploration import Exploration
from cartelera.explore.page import Chapter, Panel, nothing
from cartelera.explore.tables import N_TITLES, tokens
from cartelera.explore.wording import counted

_NO_RATINGS = "there are no ratings"
_BAND_MINUTES = 20
_LAST_BAND = 180
_DECADE = 10
_EARLIEST_DECADE = 1930  # everything before goes with it
_FEWEST_TITLES = 5  # of a group: fewer give no interval worth drawing


def rating_chapters(exploration: Exploration) -> list[Chapter]:
    """Ask and answer what the ratings hold and what goes with them."""
    return [
        Chapter(
            "ratings",
            "The ratings",
            (
                _distribution(exploration),
                _long_tails(exploration),
                _through_time(exploration),
                _pooled(exploration),
            ),
        ),
        Chapter(
            "scores",
            "What the score goes with",
            (
                _by_year(exploration),
                _by_length(exploration),
                _by_genre(exploration),
                _by_platform(exploration),
            ),
        ),
    ]


def association_panel(exploration: Exploration) -> Panel:
    """Show how much of the ratings' variance each column explains, and how much chance would."""
    name, heading = "associations", "How much does each column explain?"
    if exploration.ratings.empty:
        return nothing(name, heading, _NO_RATINGS)
    return Panel(
        name,
        heading,
        takeaways.association_strength(exploration.columns),
        "Dots: for each column the share of variance it explains and the share chance explains.",
        figures.association_strength(exploration.columns),
    )


def _distribution(exploration: Exploration) -> Panel:
    name, heading = "rating_distribution", "Which ratings are given?"
    if exploration.ratings.empty:
        return nothing(name, heading, _NO_RATINGS)
    table = tables.rating_distribution(exploration.ratings)
    return Panel(
        name,
        heading,
        takeaways.distribution(table, exploration.ratings),
        "Bars: share of ratings by number of stars.",
        figures.distribution(table, exploration.mean_rating),
    )


def _long_tails(exploration: Exploration) -> Panel:
    name, heading = "long_tails", "Who rates, and what is rated?"
    if exploration.ratings.empty:
        return nothing(name, heading, _NO_RATINGS)
    users = tables.ranked_counts(exploration.ratings, c.USER_ID)
    titles = tables.ranked_counts(exploration.ratings, c.TITLE_ID)
    return Panel(
        name,
        heading,
        takeaways.long_tails(users, titles),
        "Lines: ratings of users and of titles by rank, on logarithmic scales.",
        figures.long_tails(users, titles),
    )


def _through_time(exploration: Exploration) -> Panel:
    name, heading = "ratings_by_year", "When were they given?"
    if exploration.ratings.empty:
        return nothing(name, heading, _NO_RATINGS)
    counts = tables.ratings_by_year(exploration.ratings)
    return Panel(
        name,
        heading,
        takeaways.through_time(counts),
        "Bars: ratings by the year they were given.",
        figures.through_time(counts),
    )


def _pooled(exploration: Exploration) -> Panel:
    return Panel(
        "works",
        "One film, several platforms?",
        takeaways.pooled(exploration.works, exploration.pooled),
    )


def _by_year(exploration: Exploration) -> Panel:
    years = exploration.rated[c.RELEASE_YEAR]
    decades = (years // _DECADE * _DECADE).clip(lower=_EARLIEST_DECADE)
    table = tables.without_gaps(tables.score_by(exploration.rated, decades), _DECADE)
    table[tables.LEVEL] = [
        f"to {level + _DECADE - 1}" if level == _EARLIEST_DECADE else f"{level}s"
        for level in table[tables.LEVEL]
    ]
    return _columns_panel(
        exploration, table, "score_by_year", "Are older titles liked better?", "decades", "released"
    )


def _by_length(exploration: Exploration) -> Panel:
    rated = exploration.rated
    minutes = rated.loc[rated[c.DURATION_TYPE] == c.MINUTES, c.DURATION_INT].dropna()
    bands = (minutes.astype("int64") // _BAND_MINUTES * _BAND_MINUTES).clip(upper=_LAST_BAND)
    table = tables.without_gaps(tables.score_by(rated, bands), _BAND_MINUTES)
    table[tables.LEVEL] = [
        f"{level}+" if level == _LAST_BAND else f"{level}\N{EN DASH}{level + _BAND_MINUTES - 1}"
        for level in table[tables.LEVEL]
    ]
    return _columns_panel(
        exploration, table, "score_by_length", "Do longer movies score higher?", "bands", "minutes"
    )


def _columns_panel(
    exploration: Exploration,
    table: pd.DataFrame,
    name: str,
    heading: str,
    of_what: str,
    axis_label: str,
) -> Panel:
    is_shown = table[N_TITLES] >= _FEWEST_TITLES
    if not is_shown.any():
        return nothing(name, heading, f"no group has {_FEWEST_TITLES} rated titles")

    takeaway = takeaways.score_groups(table[is_shown], exploration.mean_rating, of_what)
    n_left_out = int((~is_shown & (table[N_TITLES] > 0)).sum())
    if n_left_out:
        groups = counted(n_left_out, "group")
        takeaway += f" Left out: {groups} of fewer than {_FEWEST_TITLES} titles."
    drawn = (c.SCORE, tables.LOW, tables.HIGH)
    in_place = table.assign(**{name: table[name].where(is_shown) for name in drawn})
    in_place = in_place[is_shown.cummax() & is_shown[::-1].cummax()]  # gaps only in between

    return Panel(
        name,
        heading,
        takeaway,
        f"Dots with 95% intervals: mean rating of {of_what}.",
        figures.score_columns(in_place, exploration.mean_rating, axis_label),
    )


def _by_genre(exploration: Exploration) -> Panel:
    name, heading = "score_by_genre", "Which genres are liked?"
    table = tables.score_by(exploration.rated, tokens(exploration.rated[c.LISTED_IN]))
    most_rated = table[table[N_TITLES] >= _FEWEST_TITLES].nlargest(exploration.top_n, c.N_RATINGS)
    return _rows_panel(
        exploration,
        most_rated.sort_values(c.SCORE, ascending=False, kind="stable"),
        name,
        heading,
        "genres",
    )


def _by_platform(exploration: Exploration) -> Panel:
    rated = exploration.rated
    table = tables.score_by(rated, rated[c.PLATFORM] + ", " + rated[c.TYPE])
    return _rows_panel(
        exploration,
        table[table[N_TITLES] >= _FEWEST_TITLES],
        "score_by_platform",
        "Does the platform matter?",
        "groups",
    )


def _rows_panel(
    exploration: Exploration, table: pd.DataFrame, name: str, heading: str, of_what: str
) -> Panel:
    if table.empty:
        return nothing(name, heading, f"no group has {_FEWEST_TITLES} rated titles")
    return Panel(
        name,
        heading,
        takeaways.score_groups(table, exploration.mean_rating, of_what),
        f"Dots with 95% intervals: mean rating of {of_what}.",
        figures.score_rows(table, exploration.mean_rating),
    )
