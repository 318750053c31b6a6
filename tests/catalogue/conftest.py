import pandas as pd
import pytest

from cartelera import columns as c

SOUND = {
    c.SHOW_ID: "s1",
    c.TYPE: "Movie",
    c.TITLE: "The Film",
    c.DIRECTOR: "Ann Lee",
    c.CAST: "Bob Ray, Cy Young",
    c.COUNTRY: "Spain",
    c.DATE_ADDED: "March 30, 2021",
    c.RELEASE_YEAR: "2014",
    c.CERTIFICATE: "PG-13",
    c.DURATION: "113 min",
    c.LISTED_IN: "Comedy, Drama",
    c.DESCRIPTION: "A village.",
}


@pytest.fixture
def raw_titles():
    """Make raw titles from a sound row and the cells that differ, with show ids s1, s2, ..."""

    def make(*rows: dict[str, str]) -> pd.DataFrame:
        cells = [{**SOUND, c.SHOW_ID: f"s{i}", **row} for i, row in enumerate(rows, start=1)]
        return pd.DataFrame(cells, dtype="str").assign(
            **{
                c.SOURCE_FILE: pd.Categorical(["x_titles.csv"] * len(cells)),
                c.LINE: range(2, len(cells) + 2),
            }
        )

    return make
