"""What a catalogue says of each work, as sparse vectors whose products are likenesses.

Features come in groups: genres, cast, director, country, era, type, certificate, words. A group's
part of a vector has the length that `CONTENT_WEIGHTS` names, however many names a title lists; the
whole vector has length 1. The product of two vectors is then a weighted mean of the groups'
cosines, as in Salton and Buckley, Term-weighting Approaches in Automatic Text Retrieval, 1988.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd
import scipy.sparse as sp
from numpy.typing import NDArray

from cartelera import columns as c
from cartelera.ranking.content_words import GENRE_WORDS, MANNERS, NO_WORDS

CONTENT_WEIGHTS: Final[Mapping[str, float]] = {
    "genre": 0.8,
    "country": 0.4,
    "era": 0.55,
    "type": 0.3,
    "certificate": 0.25,
    "cast": 0.6,
    "director": 0.4,
    "word": 0.6,
}
"""For predicting a title's factors, where people and words tell much."""

THEME_WEIGHTS: Final[Mapping[str, float]] = {
    "genre": 1.0,
    "country": 0.6,
    "era": 0.4,
    "type": 0.3,
    "certificate": 0.3,
    "word": 0.15,
}
"""For few dimensions, which hold what many titles share: people would be lost in them."""

_LISTED_LAST: Final = 12
"""The cast counts up to this place."""

_FEWEST_TITLES: Final[Mapping[str, int]] = {"word": 3}
"""Features of fewer titles are left out; 2 by default: one alone makes no two titles alike."""

_LARGEST_WORD_SHARE: Final = 0.2
"""Words of more titles than this share of them are left out."""

_RARITY: Final[Mapping[str, float]] = {"genre": 0.5, "country": 0.5, "word": 1.0}
"""By which power of log(n_titles / n_titles with the feature) a feature counts for more."""

_COMMON_SHARE: Final = 0.05
_LARGEST_STRESS: Final = 3.0
"""In themes a country of this share of all titles has the length in `THEME_WEIGHTS`, and a rarer
one more, up to so many times: else few dimensions would hold the largest countries alone."""

_MANNER_WEIGHT: Final = 0.4
_LABEL_WEIGHT: Final = 0.5
"""A genre's whole label, beside 1 for each of its words."""

_LETTERS: Final = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True, eq=False)
class ContentFeatures:
    """Sparse vectors of works.

    Attributes:
        title_ids: The works in alphabetical order; shape (n_titles,).
        matrix: Rows of length 1 for predicting factors; shape (n_titles, n_features).
        themes: Rows of length 1 for a dense embedding; shape (n_titles, n_themes).
    """

    title_ids: NDArray[np.object_]
    matrix: sp.csr_array
    themes: sp.csr_array


def content_features(titles: pd.DataFrame) -> ContentFeatures:
    """Describe the works of a catalogue.

    The titles of one work are pooled: it has all their genres, names, countries and words, each
    once.

    Args:
        titles: Clean titles (`columns.CLEAN_TITLE_COLUMNS`), in any order.

    Returns:
        A row for each distinct `work_id`. A feature that is missing says nothing: the others
        weigh the more.
    """
    title_ids, rows = np.unique(titles[c.WORK_ID].to_numpy(dtype=object), return_inverse=True)
    groups = {
        name: _group(features, rows, len(title_ids), name)
        for name, features in _features(titles).items()
    }

    # What a title is about is another weighting of the same groups, for likeness.
    themes = {**groups, "country": _rare_stressed(groups["country"])}
    return ContentFeatures(
        title_ids=title_ids,
        matrix=_weighted(groups, CONTENT_WEIGHTS),
        themes=_weighted(themes, THEME_WEIGHTS),
    )


def _features(titles: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Return the features of each group: columns `place` (of the title), `feature`, `value`."""
    genres = _listed(titles[c.LISTED_IN])
    words = _split(genres, _genre_words)
    words["value"] = np.where(words["feature"].isin(MANNERS), _MANNER_WEIGHT, 1.0)

    # Words before labels: "horror movies" and "tv horror" share one.
    genres["value"] = _LABEL_WEIGHT
    genres["feature"] = "label " + genres["feature"]

    cast = _listed(titles[c.CAST])
    countries = _listed(titles[c.COUNTRY])

    # The first country is where a title comes from, the others helped.
    is_first = ~countries["place"].duplicated()
    countries["value"] = np.where(is_first, 1.0, 0.5)

    described = titles[c.DESCRIPTION].fillna("").to_numpy(dtype=object)
    texts = titles[c.TITLE].to_numpy(dtype=object) + " " + described

    # A certificate that was filled in says nothing.
    known_certificate = titles[c.CERTIFICATE].mask(titles[c.CERTIFICATE_IMPUTED].astype(bool))
    return {
        "genre": pd.concat([genres, words], ignore_index=True),
        "country": countries,
        "era": _eras(titles[c.RELEASE_YEAR]),
        "type": _listed(titles[c.TYPE]),
        "certificate": _listed(known_certificate),
        "cast": cast[cast.groupby("place").cumcount() < _LISTED_LAST],
        "director": _listed(titles[c.DIRECTOR]),
        "word": _split(_table(range(len(texts)), texts), _plain_words),
    }


def _table(places: Iterable[int], features: Any) -> pd.DataFrame:
    # The dtypes hold for a group without any feature too.
    return pd.DataFrame(
        {
            "place": pd.Series(list(places), dtype=np.intp),
            "feature": pd.Series(list(features), dtype="str"),
            "value": 1.0,
        }
    )


def _listed(cells: pd.Series) -> pd.DataFrame:
    """Split lists written with commas into their items."""
    texts = cells.fillna("").astype(str)
    pairs = [
        (place, item)
        for place, text in enumerate(texts)
        for item in (part.strip() for part in text.split(","))
        if item
    ]
    return _table((place for place, _ in pairs), (item for _, item in pairs))


def _split(features: pd.DataFrame, words: Any) -> pd.DataFrame:
    """Replace each feature by the words in it."""
    # Labels repeat by the thousand: each is split once.
    parts = {text: words(text) for text in features["feature"].unique()}
    pairs = [
        (place, word)
        for place, text in zip(features["place"], features["feature"], strict=True)
        for word in parts[text]
    ]
    return _table((place for place, _ in pairs), (word for _, word in pairs))


def _genre_words(label: str) -> list[str]:
    """Return the words of a genre in the form that all platforms share.

    >>> _genre_words("tv sci-fi & fantasy"), _genre_words("stand-up comedy & talk shows")
    (['scifi', 'fantasy'], ['standup', 'comedy', 'talk'])
    """
    joined = label.replace("science fiction", "scifi").replace("sci-fi", "scifi")
    joined = joined.replace("stand-up", "standup").replace("stand up", "standup")
    found = [GENRE_WORDS.get(word, word) for word in _LETTERS.findall(joined)]
    return [word for word in dict.fromkeys(found) if word]


def _plain_words(text: str) -> list[str]:
    return [word for word in _LETTERS.findall(text) if len(word) > 2 and word not in NO_WORDS]


def _eras(years: pd.Series) -> pd.DataFrame:
    """Share each year among the two nearest starts of decades, so that 1989 is next to 1990."""
    values = years.to_numpy(dtype=np.int64)
    decades, rest = np.divmod(values, 10)
    places = np.arange(len(values))
    return pd.DataFrame(
        {
            "place": np.concatenate([places, places]),
            "feature": np.concatenate([decades, decades + 1]).astype(str),
            "value": np.concatenate([1 - rest / 10, rest / 10]),
        }
    )


def _group(
    features: pd.DataFrame, rows: NDArray[np.intp], n_titles: int, name: str
) -> sp.csr_array:
    """Make a group's matrix: pooled by work, rare features stressed, rows of length 1 or 0."""
    codes, labels = pd.factorize(features["feature"])
    at = rows[features["place"].to_numpy(dtype=np.intp)]
    values = features["value"].to_numpy(dtype=np.float64)
    matrix: Any = sp.csr_array((values, (at, codes)), shape=(n_titles, len(labels)))

    # What is named twice counts once, except words, which count the logarithm of their number.
    if name == "word":
        matrix.data = 1 + np.log(matrix.data)
    else:
        matrix.data = np.minimum(matrix.data, 1.0)
    n_with = np.bincount(matrix.indices, minlength=matrix.shape[1])
    kept = n_with >= _FEWEST_TITLES.get(name, min(2, n_titles))
    if name == "word":
        kept &= n_with <= _LARGEST_WORD_SHARE * n_titles

    stress = np.log(n_titles / np.maximum(n_with, 1)) ** _RARITY.get(name, 0.0)
    return _unit_rows(matrix[:, np.flatnonzero(kept)] @ sp.diags_array(stress[kept]))


def _rare_stressed(group: Any) -> sp.csr_array:
    """Make features the longer, the rarer they are: by the fourth root of their share."""
    shares = np.bincount(group.indices, minlength=group.shape[1]) / group.shape[0]
    stress = (_COMMON_SHARE / np.maximum(shares, 1e-12)) ** 0.25
    return sp.csr_array(group @ sp.diags_array(np.minimum(stress, _LARGEST_STRESS)))


def _weighted(groups: Mapping[str, sp.csr_array], weights: Mapping[str, float]) -> sp.csr_array:
    """Put groups side by side, each with its weight, and bring rows to length 1."""
    blocks = [groups[name] * weight for name, weight in weights.items()]
    return _unit_rows(sp.hstack(blocks, format="csr"))


def _unit_rows(matrix: Any) -> sp.csr_array:
    lengths = np.sqrt(np.asarray(matrix.multiply(matrix).sum(axis=1)).ravel())
    inverse = np.divide(1.0, lengths, out=np.zeros_like(lengths), where=lengths > 0)
    return sp.csr_array(sp.diags_array(inverse) @ matrix)
