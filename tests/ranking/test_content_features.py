"""What the catalogue says of a title, worked out by hand on a few titles."""

import numpy as np
import pandas as pd
import pytest

from cartelera import columns as c
from cartelera.ranking.content_features import content_features


def catalogue(*rows: dict) -> pd.DataFrame:
    """Make clean titles of what each row names; the rest is the same for all."""
    usual = {
        c.PLATFORM: c.NETFLIX,
        c.TYPE: c.MOVIE,
        c.TITLE: "untitled",
        c.DIRECTOR: None,
        c.CAST: None,
        c.COUNTRY: None,
        c.RELEASE_YEAR: 1990,
        c.CERTIFICATE: "g",
        c.CERTIFICATE_IMPUTED: True,
        c.LISTED_IN: None,
        c.DESCRIPTION: None,
    }
    full = [{c.WORK_ID: row[c.ID], **usual, **row} for row in rows]
    return pd.DataFrame(full)


HORRORS = catalogue(
    {c.ID: "ns1", c.LISTED_IN: "horror movies, cult movies", c.CAST: "ida stern, jo park"},
    {c.ID: "as1", c.LISTED_IN: "horror", c.CAST: "jo park"},
    {c.ID: "hs1", c.LISTED_IN: "stand up", c.COUNTRY: "nigeria"},
    {c.ID: "ns2", c.LISTED_IN: "stand-up comedy", c.COUNTRY: "nigeria, ghana"},
    {c.ID: "ns3", c.LISTED_IN: "tv dramas", c.TYPE: c.TV_SHOW},
    {c.ID: "ns4", c.LISTED_IN: "dramas", c.TYPE: c.TV_SHOW, c.RELEASE_YEAR: 1935},
)


def likeness(titles: pd.DataFrame, one: str, other: str) -> float:
    features = content_features(titles)
    rows = [list(features.title_ids).index(title) for title in (one, other)]
    return (features.matrix[[rows[0]]] @ features.matrix[[rows[1]]].T).toarray().item()


def test_rows_have_length_1_and_stand_in_alphabetical_order() -> None:
    features = content_features(HORRORS)

    assert features.title_ids.tolist() == ["as1", "hs1", "ns1", "ns2", "ns3", "ns4"]
    for matrix in (features.matrix, features.themes):
        np.testing.assert_allclose(np.sqrt(matrix.multiply(matrix).sum(axis=1)), 1)


@pytest.mark.parametrize(("one", "other"), [("ns1", "as1"), ("hs1", "ns2"), ("ns3", "ns4")])
def test_genres_of_different_platforms_are_alike(one: str, other: str) -> None:
    others = [title for title in HORRORS[c.ID] if title not in (one, other)]

    assert all(likeness(HORRORS, one, other) > likeness(HORRORS, one, unlike) for unlike in others)


def test_likeness_is_the_weighted_mean_of_the_groups() -> None:
    titles = catalogue(
        {c.ID: "ns1", c.DIRECTOR: "ida stern"},
        {c.ID: "ns2", c.DIRECTOR: "ida stern", c.TYPE: c.TV_SHOW},
        {c.ID: "ns3", c.DIRECTOR: "jo park", c.TYPE: c.TV_SHOW},
        {c.ID: "ns4", c.DIRECTOR: "jo park"},
    )

    # Era (0.55) and director (0.4) are the same, type (0.3) is not.
    alike = 0.55**2 + 0.4**2
    assert likeness(titles, "ns1", "ns2") == pytest.approx(alike / (alike + 0.3**2))


def test_years_near_each_other_are_alike_across_decades() -> None:
    titles = catalogue(
        *({c.ID: f"ns{year}", c.RELEASE_YEAR: year} for year in (1981, 1989, 1990, 1999))
    )

    assert likeness(titles, "ns1989", "ns1990") > likeness(titles, "ns1989", "ns1981")
    assert likeness(titles, "ns1989", "ns1990") > likeness(titles, "ns1990", "ns1999")


def test_a_work_has_what_all_its_titles_say() -> None:
    titles = catalogue(
        {c.ID: "as1", c.LISTED_IN: "horror"},
        {c.ID: "ns1", c.WORK_ID: "as1", c.LISTED_IN: "comedies"},
        {c.ID: "ns2", c.LISTED_IN: "horror movies"},
        {c.ID: "ns3", c.LISTED_IN: "comedies"},
        {c.ID: "ns4", c.LISTED_IN: "dramas"},
    )

    assert content_features(titles).title_ids.tolist() == ["as1", "ns2", "ns3", "ns4"]
    for genre in ("ns2", "ns3"):
        assert likeness(titles, "as1", genre) > likeness(titles, "as1", "ns4")


def test_an_imputed_certificate_says_nothing() -> None:
    titles = catalogue(*({c.ID: f"ns{n}", c.CERTIFICATE: "g"} for n in range(3)))
    known = titles.assign(**{c.CERTIFICATE_IMPUTED: [True, False, False]})

    assert likeness(titles, "ns0", "ns1") == pytest.approx(1)
    assert likeness(known, "ns0", "ns1") < likeness(known, "ns1", "ns2")


def test_titles_may_come_in_any_order() -> None:
    features = content_features(HORRORS)
    turned = content_features(HORRORS.iloc[::-1].reset_index(drop=True))

    products = [(one.matrix @ one.matrix.T).toarray() for one in (features, turned)]
    np.testing.assert_allclose(*products, atol=1e-12)


def test_one_title_alone_is_described() -> None:
    assert content_features(HORRORS.iloc[:1]).matrix.shape[0] == 1
