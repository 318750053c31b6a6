"""Who has rated what, and how at last: what users are shown of their ratings."""

from pathlib import Path

import pandas as pd

from cartelera import columns as c
from cartelera.ratings.pool import pool_ratings


def seen_table(*ratings: pd.DataFrame) -> pd.DataFrame:
    """Join tables of ratings into one row a (user, title), each user's oldest first.

    Of several ratings of one title the latest counts; of those given in the same second, the
    title's id decides which comes first, as in `ranking.histories.Histories`.

    Args:
        *ratings: Columns `CLEAN_RATING_COLUMNS`.

    Returns:
        Columns `user_id`, `title_id` and `rating`.
    """
    rows = pd.concat([table[list(c.CLEAN_RATING_COLUMNS)] for table in ratings])
    in_time = rows.sort_values([c.USER_ID, c.TIMESTAMP, c.TITLE_ID], kind="stable")
    latest = in_time.drop_duplicates([c.USER_ID, c.TITLE_ID], keep="last")
    return latest[[c.USER_ID, c.TITLE_ID, c.RATING]].reset_index(drop=True)


def read_seen_table(titles: Path, *ratings: Path) -> pd.DataFrame:
    """Return `seen_table` of Parquet files, by work.

    Args:
        titles: Clean titles.
        *ratings: Clean ratings, and the latest that users sent to the service: what somebody said
            last is shown to them, whether it is learnt from or not.
    """
    works = pd.read_parquet(titles, columns=[c.ID, c.WORK_ID]).set_index(c.ID)[c.WORK_ID]
    columns: list[str] = list(c.CLEAN_RATING_COLUMNS)
    rows = pd.concat([pd.read_parquet(path, columns=columns) for path in ratings])
    return seen_table(pool_ratings(rows.reset_index(drop=True), works).ratings)
