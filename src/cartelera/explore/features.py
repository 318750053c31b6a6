"""Which columns the model gets, why, and the model-ready tables themselves."""

from pathlib import Path

import pandas as pd

from cartelera import columns as c
from cartelera import schemas
from cartelera.explore import associations as a
from cartelera.explore.rating_tables import scores
from cartelera.explore.wording import probability
from cartelera.platforms import PUBLISHED, Platforms
from cartelera.ratings.split import canonical_order

KEPT = "kept"
REASON = "reason"

_TITLE_ROLES = {
    c.ID: "names the title: joins titles to their ratings",
    c.WORK_ID: "names the work, on whatever platform: joins titles to what the model learns from",
}
_RATING_ROLES = {
    c.USER_ID: "by its role: the model learns a taste for every user",
    c.TITLE_ID: "by its role: the model learns a character for every title",
    c.RATING: "by its role: this is what the model learns to predict",
    c.TIMESTAMP: "by its role: the split parts each user's earlier ratings from later ones",
}
_TEXTS = (c.TITLE, c.DESCRIPTION)
_SPELLINGS = tuple(c.DISPLAY_COLUMNS.values())


def choose_columns(found: pd.DataFrame, *, min_association: float, alpha: float) -> pd.DataFrame:
    """Decide about every column and say why.

    Columns the model needs by their role are kept, texts are dropped, and any other column is kept
    if it goes with the rating more than chance (p-value) and enough to matter (association).

    Args:
        found: What `associations` found.
        min_association: The smallest association that matters, 0 to 1.
        alpha: The largest p-value that counts as more than chance.

    Returns:
        The same columns and `kept`, `reason`; the columns that `associations` leaves out added
        with nulls.
    """
    own_roles = pd.DataFrame(
        [
            *((a.TITLES, column) for column in (c.ID, c.WORK_ID, *_SPELLINGS)),
            (a.RATINGS, c.RATING),
        ],
        columns=pd.Index([a.TABLE, a.COLUMN]),
    )
    decided = pd.concat([found, own_roles], ignore_index=True)
    decided[a.N_LEVELS] = decided[a.N_LEVELS].astype("Int64")
    order = {
        (table, column): position
        for position, (table, column) in enumerate(
            [(a.TITLES, name) for name in c.CLEAN_TITLE_COLUMNS]
            + [(a.RATINGS, name) for name in c.CLEAN_RATING_COLUMNS]
        )
    }

    positions = [order[key] for key in zip(decided[a.TABLE], decided[a.COLUMN], strict=True)]
    decided = decided.iloc[pd.Series(positions).argsort()].reset_index(drop=True)
    decisions = [_decide(row, min_association, alpha) for _, row in decided.iterrows()]
    decided[KEPT] = [kept for kept, _ in decisions]
    decided[REASON] = [reason for _, reason in decisions]

    return decided


def _decide(row: pd.Series, min_association: float, alpha: float) -> tuple[bool, str]:
    roles = _TITLE_ROLES if row[a.TABLE] == a.TITLES else _RATING_ROLES
    column = row[a.COLUMN]
    if column in roles:
        return True, roles[column]
    if row[a.TABLE] == a.TITLES and column in _SPELLINGS:
        return False, "text for people: a column in lower case as it was published"
    if row[a.TABLE] == a.TITLES and column in _TEXTS:
        return False, "text for people: says which title it is, which the title's id already does"
    if row[a.N_LEVELS] < 2:
        return False, "the same for all rated titles, so it cannot tell them apart"

    measured = (
        f"explains {row[a.ETA_SQUARED]:.2%} of the ratings' variance, shuffled among titles "
        f"{row[a.CHANCE]:.2%} ({probability(row[a.P_VALUE])})"
    )
    if row[a.P_VALUE] > alpha:
        return False, f"no more than chance: {measured}"
    if row[a.ASSOCIATION] < min_association:
        return False, (
            f"too weak: association {row[a.ASSOCIATION]:.3f} is below {min_association:g}; "
            f"{measured}"
        )

    return True, f"goes with the rating: {measured}"


def model_titles(
    titles: pd.DataFrame, decided: pd.DataFrame, platforms: Platforms = PUBLISHED
) -> pd.DataFrame:
    """Return the kept columns of the titles, by id.

    Raises:
        InputError: If the result breaks its Pandera model.
    """
    kept = decided.loc[decided[KEPT] & (decided[a.TABLE] == a.TITLES), a.COLUMN].tolist()
    ordered = titles[kept].sort_values(c.ID, ignore_index=True)
    return schemas.validate(ordered, schemas.model_titles(kept, platforms), "features/titles.csv")


def model_ratings(
    ratings: pd.DataFrame, *, rating_min: float = 0.5, rating_max: float = 5.0
) -> pd.DataFrame:
    """Return the ratings as the model takes them, by user, time and title.

    Args:
        ratings: Clean ratings, those of one work pooled.
        rating_min: Lower end of the scale, in stars.
        rating_max: Upper end of the scale, in stars.

    Raises:
        InputError: If they break their Pandera model.
    """
    in_order = ratings.iloc[canonical_order(ratings)]
    ordered = in_order[list(c.CLEAN_RATING_COLUMNS)].reset_index(drop=True)
    model = schemas.clean_ratings(rating_min, rating_max).remove_columns([c.IS_RECEIVED])
    return schemas.validate(ordered, model, "features/ratings.csv")


def title_scores(ratings: pd.DataFrame) -> pd.DataFrame:
    """Return exact mean and number of ratings of every rated title.

    Raises:
        InputError: If the result breaks its Pandera model.
    """
    return schemas.validate(scores(ratings), schemas.SCORES, "features/scores.csv")


def write_features(table: pd.DataFrame, path: Path) -> None:
    """Write a table as CSV with full floats and empty cells for gaps; the same bytes always.

    To get the same values back, read with `keep_default_na=False, na_values=[""]`, since a director
    may be called "null", and texts as `str`, since a certificate may be 16.
    """
    table.to_csv(path, index=False, lineterminator="\n", encoding="utf-8")
