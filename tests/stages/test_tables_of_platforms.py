"""Five platforms and two: from the sample through the cleaning to what is served."""

import json

import pandas as pd
import pytest

from cartelera import columns as c
from cartelera.catalogue.queries import CatalogueQueries, QueryError
from cartelera.config import compose
from cartelera.explore import figures, tables
from cartelera.paths import Paths
from cartelera.service.answering.filters import Filters
from cartelera.service.answering.settings import Settings
from cartelera.service.answering.title_filter import TitleFilter
from cartelera.service.answering.titles import TitleShelf
from cartelera.service.page.markup import Markup
from cartelera.service.page.words import Words
from cartelera.service.parameters import allowed_values
from cartelera.stages import acquire, etl

SMALL = ["data.n_titles=60", "data.n_users=8", "data.n_ratings=120"]
MAX = "+catalogue.platforms.max={file: max.csv, initial: mx, label: HBO Max, colour: '#5822b4'}"
FIVE = [*SMALL, MAX]
TWO = [*SMALL, "~catalogue.platforms.amazon", "~catalogue.platforms.disney"]


@pytest.fixture(scope="module", params=["five", "two"])
def cleaned(request, tmp_path_factory):
    """The table, and the clean titles of a sample on its platforms."""
    config = compose(FIVE if request.param == "five" else TWO)
    paths = Paths(tmp_path_factory.mktemp(request.param) / "data")
    acquire.run(config, paths)
    etl.run(config, paths)
    report = json.loads((paths.reports / "etl.json").read_text())
    assert list(report["titles"]["platforms"]) == list(config.catalogue.platforms)
    return config.catalogue.table(), pd.read_parquet(paths.clean_titles)


NO_SCORES = pd.DataFrame({c.TITLE_ID: [], c.SCORE: [], c.N_RATINGS: []})


def test_every_platform_has_titles_with_its_initial(cleaned):
    table, titles = cleaned
    assert set(titles[c.PLATFORM]) == set(table.names)
    for platform in table:
        ids = titles.loc[titles[c.PLATFORM] == platform.name, c.ID]
        assert ids.str.fullmatch(platform.initial + "s[0-9]+").all()


def test_queries_know_the_platforms_and_no_others(cleaned):
    table, titles = cleaned
    queries = CatalogueQueries(titles, NO_SCORES, platforms=table)
    assert list(queries.get_count_platform(type="all").by_platform) == list(table.names)
    assert queries.get_count_platform(type="all").count == 60
    for platform in table:
        assert queries.get_count_platform(platform.label).by_platform.keys() == {platform.name}
    with pytest.raises(QueryError, match=f"unknown: allowed are {', '.join(table.names)}."):
        queries.get_actor("mubi")


def test_filters_facets_and_refusals_follow(cleaned):
    table, titles = cleaned
    infos = TitleShelf(titles, NO_SCORES, table).infos
    filters = TitleFilter(infos, platforms=table)
    assert filters.facets.platforms == list(table.names)
    last = table.table[-1]
    resolved = filters.resolve(Filters(platforms=(last.label.upper(), last.name)))
    assert resolved.platforms == (last.name,)
    assert allowed_values(platforms=table)["platforms"] == table.names


def test_the_table_travels_in_the_served_settings(cleaned, tmp_path):
    table, _ = cleaned
    settings = Settings(recommend_at=3.75, default_k=10, max_k=100, diversity=0, platforms=table)
    settings.write(tmp_path / "settings.json")
    assert Settings.read(tmp_path / "settings.json").platforms == table


def test_charts_and_page_have_their_colours(cleaned):
    table, titles = cleaned
    sizes = tables.catalogue_sizes(titles, table.names)
    assert list(sizes.index) == list(table.names)
    assert figures.sizes(sizes, table).axes[0].patches

    head = Markup(Words("en"), platforms=table)("head", style="", platforms=table)
    for platform in table:
        assert f".chip-{platform.name}" in head
        assert platform.colour in head


def test_in_a_notebook_the_titles_tell_the_platforms(cleaned):
    table, titles = cleaned
    queries = CatalogueQueries(titles, NO_SCORES)
    assert set(table.names) <= set(queries.get_count_platform().by_platform)
