"""Which titles of the real catalogues are one work, and what pooling does to the real ratings."""

import pandas as pd
import pytest

from cartelera import columns as c
from cartelera import schemas
from cartelera.accounting import Cleaned
from cartelera.catalogue.works import WorkCounts, work_ids
from cartelera.ratings.clean import clean_ratings
from cartelera.ratings.pool import pool_ratings
from cartelera.raw import read_ratings


@pytest.fixture(scope="module")
def titles(real_titles) -> pd.DataFrame:
    titles = Cleaned.union(list(real_titles.values())).clean
    return titles.assign(**{c.WORK_ID: work_ids(titles)})


def test_the_works_of_the_real_catalogues(titles):
    schemas.validate(titles, schemas.CLEAN_TITLES, "titles")
    assert WorkCounts.of(titles) == WorkCounts(
        titles=22_998, works=22_553, groups=435, groups_on_one_platform=16, pooled_titles=880
    )


def test_names_that_are_the_same_to_the_letter_on_several_platforms(titles):
    """Punctuation aside, as a plainer comparison of names counts them."""
    same = titles.groupby([c.TITLE, c.TYPE, c.RELEASE_YEAR])
    on_several = same[c.PLATFORM].transform("nunique") > 1
    assert titles[on_several].groupby([c.TITLE, c.TYPE, c.RELEASE_YEAR]).ngroups == 405
    assert (same[c.WORK_ID].transform("nunique") == 1).all()


def test_no_real_rating_is_merged_away(real_files, titles):
    ratings = clean_ratings(read_ratings(real_files), titles[c.ID]).clean
    pooled = pool_ratings(ratings, titles.set_index(c.ID)[c.WORK_ID])
    assert (pooled.n_published, pooled.n_renamed, pooled.n_merged) == (28_644, 1_127, 0)
    assert (ratings[c.TITLE_ID].nunique(), pooled.n_works) == (1_750, 1_662)
