import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cartelera import columns as c
from cartelera.catalogue.works import WorkCounts, normalised, work_ids
from cartelera.platforms import PUBLISHED

INITIALS = {platform[0]: platform for platform in PUBLISHED.names}


def make_titles(rows: list[tuple[str, str, str, int]]) -> pd.DataFrame:
    """Make clean titles of id, title, type and release year; the index is no range."""
    titles = pd.DataFrame(rows, columns=[c.ID, c.TITLE, c.TYPE, c.RELEASE_YEAR])
    titles = titles.astype({c.ID: "str", c.TITLE: "str", c.TYPE: "str"})
    platforms = titles[c.ID].str[0].map(INITIALS)
    return titles.assign(**{c.PLATFORM: platforms}).set_index(titles.index * 3 + 7)


def works_of(*rows: tuple[str, str, str, int]) -> dict[str, str]:
    titles = make_titles(list(rows))
    return dict(zip(titles[c.ID], work_ids(titles), strict=True))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("lo and behold, reveries", "lo and behold: reveries"),
        ("the taking of pelham 1 2 3", "the taking of pelham 123"),
        ("verónica", "veronica"),
        ("b. a. pass", "b.a. pass"),
        ("film № 5™", "film no 5 tm"),
    ],
)
def test_spellings_of_one_name(one, other):
    assert normalised(one) == normalised(other)


@pytest.mark.parametrize(("one", "other"), [("???", "!!!"), ("up", "up 2"), ("♥", "♦")])
def test_different_names(one, other):
    assert normalised(one) != normalised(other)


def test_title_type_and_year_make_a_work():
    assert works_of(
        ("ns1", "the lantern", c.MOVIE, 2001),
        ("as9", "the lantern!", c.MOVIE, 2001),
        ("hs2", "the lantern", c.TV_SHOW, 2001),
        ("ds3", "the lantern", c.MOVIE, 2002),
        ("as10", "the lanterns", c.MOVIE, 2001),
    ) == {"ns1": "as9", "as9": "as9", "hs2": "hs2", "ds3": "ds3", "as10": "as10"}


def test_platforms_come_in_their_order_and_numbers_by_size():
    same = ("up", c.MOVIE, 2009)
    assert set(works_of(("ns1", *same), ("hs1", *same), ("ds9", *same)).values()) == {"ds9"}
    assert set(works_of(("as10", *same), ("as9", *same), ("as9" + "0" * 30, *same)).values()) == {
        "as9"
    }


def test_two_titles_of_one_platform_are_one_work_too():
    assert works_of(
        ("ns2", "what / if", c.TV_SHOW, 2019), ("ns1", "what if?", c.TV_SHOW, 2019)
    ) == {
        "ns2": "ns1",
        "ns1": "ns1",
    }


def test_names_without_letters_fall_back_to_themselves():
    assert works_of(
        ("as1", "???", c.MOVIE, 2001), ("ns1", "!!!", c.MOVIE, 2001), ("ns2", "???", c.MOVIE, 2001)
    ) == {"as1": "as1", "ns1": "ns1", "ns2": "as1"}


def test_counts():
    titles = make_titles(
        [
            ("as1", "a", c.MOVIE, 1),
            ("as2", "a", c.MOVIE, 1),
            ("as3", "b", c.MOVIE, 1),
            ("ds1", "b", c.MOVIE, 1),
            ("ns1", "b", c.MOVIE, 1),
            ("ns2", "c", c.MOVIE, 1),
        ]
    )
    assert WorkCounts.of(titles.assign(**{c.WORK_ID: work_ids(titles)})) == WorkCounts(
        titles=6, works=3, groups=2, groups_on_one_platform=1, pooled_titles=5
    )
    assert WorkCounts.of(titles.assign(**{c.WORK_ID: titles[c.ID]})).groups == 0


def test_no_titles_are_no_works():
    titles = make_titles([])
    ids = work_ids(titles)
    assert ids.empty
    assert WorkCounts.of(titles.assign(**{c.WORK_ID: ids})) == WorkCounts(0, 0, 0, 0, 0)


@given(
    st.lists(
        st.tuples(
            st.builds("{}s{}".format, st.sampled_from("adhn"), st.integers(0, 99)),
            st.sampled_from(["up", "Up!", "down", "?"]),
            st.sampled_from(c.TYPES),
            st.integers(2000, 2001),
        ),
        unique_by=lambda row: row[0],
    ),
    st.randoms(use_true_random=False),
)
def test_a_work_is_named_by_one_of_its_own_whatever_the_order(rows, chance):
    found = works_of(*rows)
    assert all(found[work] == work for work in found.values())

    shuffled = list(rows)
    chance.shuffle(shuffled)
    assert works_of(*shuffled) == found
