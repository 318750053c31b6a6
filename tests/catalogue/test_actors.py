import pandas as pd

from cartelera import columns as c
from cartelera.catalogue.queries import CatalogueQueries
from cartelera.catalogue.works import work_ids

COLUMNS = [c.ID, c.PLATFORM, c.TYPE, c.TITLE, c.RELEASE_YEAR, c.CAST]
NO_SCORES = pd.DataFrame({c.TITLE_ID: [], c.SCORE: []})


def make_titles(rows) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=COLUMNS)
    return frame.assign(
        **{
            c.DISPLAY_TITLE: frame[c.TITLE],
            c.WORK_ID: work_ids(frame),
            c.DURATION_INT: pd.array([None] * len(frame), dtype="Int64"),
            c.DURATION_TYPE: None,
        }
    )


def test_without_a_platform_a_work_counts_once_with_all_its_casts():
    """`Up` stands on two platforms and twice on one of them."""
    titles = make_titles(
        [
            ("as1", "amazon", "movie", "up", 2009, "ed, jo"),
            ("as2", "amazon", "movie", "up!", 2009, "ed"),
            ("ds1", "disney", "movie", "Up", 2009, "ed, pete"),
            ("ns1", "netflix", "movie", "up", 2010, "jo"),
            ("ns2", "netflix", "tv show", "up", 2009, "pete"),
        ]
    )
    queries = CatalogueQueries(titles, NO_SCORES)

    everywhere = queries.get_actor()
    assert (everywhere.actors, everywhere.appearances) == (["jo", "pete"], 2)
    assert queries.get_actor(year=2009).actors == ["pete"]
    assert queries.get_actor(year=2009, type="movie").actors == ["ed", "jo", "pete"]
    assert everywhere.reading == (
        "The actors in most of the movies and tv shows on all platforms together released in any "
        "year, each film or series counted once, whatever platforms it is on."
    )
    assert (queries.get_actor("amazon").actors, queries.get_actor("amazon").appearances) == (
        ["ed"],
        2,
    )


def test_works_that_are_not_pooled_count_by_title():
    titles = make_titles(
        [
            ("as1", "amazon", "movie", "up", 2009, "ed"),
            ("ds1", "disney", "movie", "up", 2009, "ed"),
        ]
    )
    apart = CatalogueQueries(titles.assign(work_id=titles[c.ID]), NO_SCORES)
    assert apart.get_actor().appearances == 2
    assert CatalogueQueries(titles, NO_SCORES).get_actor().appearances == 1


def test_a_suffix_is_no_actor_and_a_word_for_nobody_neither():
    titles = make_titles(
        [
            ("as1", "amazon", "movie", "a", 2000, "bob ray, jr., various"),
            ("as2", "amazon", "movie", "b", 2000, "bob ray jr., nan"),
            ("as3", "amazon", "movie", "c", 2000, "cy, jr., various"),
            ("hs1", "hulu", "movie", "d", 2000, "various"),
        ]
    )
    queries = CatalogueQueries(titles, NO_SCORES)
    assert (queries.get_actor().actors, queries.get_actor().appearances) == (["bob ray jr."], 2)
    assert not queries.get_actor("hulu").found


def test_equally_common_spellings_are_settled_alphabetically():
    titles = make_titles(
        [
            ("as1", "amazon", "movie", "a", 2000, "zoë"),
            ("as2", "amazon", "movie", "b", 2000, "zoe"),
        ]
    )
    assert CatalogueQueries(titles, NO_SCORES).get_actor().actors == ["zoe"]
