"""Works: one film or series, whatever platforms it stands on.

Titles are one work when normalised title, type and release year are the same, be it on several
platforms or twice on one. Names of people do not decide: a platform without a cast knows none, and
spellings differ.
"""

import unicodedata
from dataclasses import dataclass

import pandas as pd

from cartelera import columns as c
from cartelera.platforms import Platforms


@dataclass(frozen=True)
class WorkCounts:
    """How many works the titles are.

    Attributes:
        titles: All titles.
        works: All works, those of a single title included.
        groups: Works of two titles or more.
        groups_on_one_platform: Those of the groups that stand on one platform only, twice or more.
        pooled_titles: The titles of the groups.
    """

    titles: int
    works: int
    groups: int
    groups_on_one_platform: int
    pooled_titles: int

    @classmethod
    def of(cls, titles: pd.DataFrame) -> "WorkCounts":
        """Count the works of clean titles."""
        by_work = titles.groupby(c.WORK_ID)[c.PLATFORM].agg(["size", "nunique"])
        groups = by_work[by_work["size"] > 1]
        return cls(
            titles=len(titles),
            works=len(by_work),
            groups=len(groups),
            groups_on_one_platform=int((groups["nunique"] == 1).sum()),
            pooled_titles=int(groups["size"].sum()),
        )


def normalised(title: str) -> str:
    """Return a title's letters and digits in lower case, without accents (Unicode NFKD).

    A title that has none stays as it is: `???` and `!!!` are two films.

    >>> normalised("Demon Slayer: Kimetsu no Yaiba")
    'demonslayerkimetsunoyaiba'
    >>> normalised("Verónica") == normalised("VERONICA")
    True
    >>> normalised("???")
    '???'
    """
    decomposed = unicodedata.normalize("NFKD", title)
    return "".join(sign for sign in decomposed if sign.isalnum()).lower() or title


def work_ids(titles: pd.DataFrame, platforms: Platforms | None = None) -> pd.Series:
    """Find the work of each title.

    Args:
        titles: Clean titles (n rows): `id`, `platform`, `type`, `title`, `release_year`.
        platforms: The platforms there are; those of the titles if left out.

    Returns:
        For each title (n) the id that stands for its work: of the titles of the work the first by
        platform, in their order, and then by the number in its `show_id`.
    """
    keys = pd.DataFrame(
        {
            c.TITLE: [normalised(title) for title in titles[c.TITLE]],
            c.TYPE: titles[c.TYPE].to_numpy(),
            c.RELEASE_YEAR: titles[c.RELEASE_YEAR].to_numpy(),
            c.ID: titles[c.ID].to_numpy(),
        }
    )

    # Of a work's titles the one of the first platform names it.
    names = (platforms or Platforms.named(titles[c.PLATFORM])).names
    ranks = titles[c.PLATFORM].map({name: rank for rank, name in enumerate(names)})
    order = _ranked(titles[c.ID], ranks)
    by_work = keys.loc[order].groupby([c.TITLE, c.TYPE, c.RELEASE_YEAR], sort=False)
    found = by_work[c.ID].transform("first").sort_index()
    return found.set_axis(titles.index).astype("str").rename(c.WORK_ID)


def _ranked(ids: pd.Series, platform_ranks: pd.Series) -> pd.Index:
    """Return the positions of the titles by platform and number.

    Numbers are compared as text by length and then by digits: they may be longer than an int64.
    """
    digits = ids.str.extract("([0-9]*)[^0-9]*$", expand=False).str.lstrip("0")
    ranks = pd.DataFrame(
        {
            "platform": platform_ranks.to_numpy(),
            "length": digits.str.len().to_numpy(),
            "digits": digits.to_numpy(),
            "id": ids.to_numpy(),
        }
    )
    return ranks.sort_values(list(ranks.columns)).index
