import json
import math
import re
from html.parser import HTMLParser

import numpy as np
import pandas as pd
import pytest

from cartelera import columns as c
from cartelera.explore import figures, style
from cartelera.explore.exploration import as_json, explore, headline_metrics
from cartelera.explore.rating_chapters import rating_chapters
from cartelera.explore.report import render
from cartelera.explore.tables import catalogue_sizes

HOSTILE = "<script>alert('$x^{')</script> & \"'"


def exploration_of(titles, ratings):
    return explore(
        titles, ratings, top_n=3, min_association=0.02, n_permutations=99, alpha=0.01, seed=0
    )


class Page(HTMLParser):
    """What a browser would see: images, links, anchors, tags and text."""

    def __init__(self, html: str):
        super().__init__()
        self.images, self.links, self.ids, self.tags, self.text = [], [], set(), set(), ""
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        self.tags.add(tag)
        if tag == "img":
            self.images.append(attributes)
        if tag == "a":
            self.links.append(attributes["href"])
        if "id" in attributes:
            self.ids.add(attributes["id"])

    def handle_data(self, data):
        self.text += data


@pytest.fixture(scope="module")
def rich(many_titles, rate):
    shows = many_titles.head(12).copy()
    shows[c.ID] = [f"hs{i}" for i in range(12)]
    shows[[c.PLATFORM, c.TYPE, c.DURATION_TYPE]] = [c.HULU, c.TV_SHOW, c.SEASONS]
    shows[c.DURATION_INT] = range(1, 13)
    shows[c.DISPLAY_TITLE] = HOSTILE
    shows[c.LISTED_IN] = HOSTILE.lower().replace(",", "")
    titles = pd.concat([many_titles, shows.astype(many_titles.dtypes)], ignore_index=True)
    means = titles[c.LISTED_IN].map({"drama": 4.0, "comedy": 3.0}).fillna(2.0).to_numpy(float)
    return exploration_of(titles, rate(titles, means))


@pytest.fixture(scope="module")
def report(rich):
    return render(rich)


def test_the_page_needs_nothing_else_and_shows_every_figure(report, tmp_path):
    page = Page(report.html)
    assert len(report.pictures) == 18
    assert len(page.images) == 18
    assert all(image["src"].startswith("data:image/png;base64,") for image in page.images)
    assert all(len(image["alt"]) > 60 for image in page.images)
    assert not page.tags & {"script", "link", "iframe", "object"}
    assert "http://" not in report.html
    assert "https://" not in report.html
    assert "url(" not in report.html
    assert {link.removeprefix("#") for link in page.links} <= page.ids

    report.write(tmp_path / "eda.html", tmp_path / "figures")
    written = {path.name: path.read_bytes() for path in (tmp_path / "figures").iterdir()}
    assert written == report.pictures
    assert all(png.startswith(b"\x89PNG") for png in written.values())


def test_the_page_says_the_verdict_and_why_columns_are_kept(rich, report):
    text = " ".join(Page(report.html).text.split())
    assert "titles on Amazon, Disney, Hulu, Netflix and" in text
    assert "Titles differ in quality (p = 0.01)" in text
    assert "People show no differences in taste (p = " in text
    assert rich.verdict.sentence in text
    for reason in rich.columns["reason"]:
        assert reason in text
    assert "nan" not in re.findall(r"\w+", text.lower())


def test_the_page_says_what_the_model_reads_and_what_it_does_not(rich, report, titles, ratings):
    text = " ".join(Page(report.html).text.split())
    assert "learns from who rated which title how: user_id, title_id and rating;" in text
    assert "these go with the rating beyond chance (association in brackets): listed_in (" in text
    assert "if at most 1% of the shuffles do as well" in text
    nothing = " ".join(Page(render(exploration_of(titles, ratings)).html).text.split())
    assert "none goes with the rating beyond chance far enough to be kept" in nothing


def test_decades_without_titles_keep_their_place(many_titles, rate):
    years = [1972] * 60 + [2001] * 57 + [1985] * 3  # of the 1980s are too few titles
    titles = many_titles.assign(**{c.RELEASE_YEAR: years})
    exploration = exploration_of(titles, rate(titles, np.full(120, 3.0)))
    panels = {
        panel.name: panel for chapter in rating_chapters(exploration) for panel in chapter.panels
    }
    panel = panels["score_by_year"]
    axes = panel.figure.axes[0]
    assert [label.get_text() for label in axes.get_xticklabels()] == [
        "1970s", "1980s", "1990s", "2000s",
    ]  # fmt: skip
    assert np.isnan(axes.lines[0].get_ydata()).tolist() == [False, True, True, False]
    assert "Left out: 1 group of fewer than 5 titles." in panel.takeaway


def test_hostile_titles_stay_text(report):
    assert "<script" not in report.html
    assert HOSTILE in Page(report.html).text


def test_nothing_to_show_is_said(titles, ratings):
    for exploration in (
        exploration_of(titles.head(1), ratings.head(1)),
        exploration_of(titles[titles[c.TYPE] == c.TV_SHOW], ratings.head(0)),
        exploration_of(titles.head(0), ratings.head(0)),
    ):
        text = Page(render(exploration).html).text
        assert "Nothing to show: " in text
        assert "Quality could not be tested" in text
        assert "Taste could not be tested" in text
        assert "nan" not in re.findall(r"\w+", text.lower())
        json.dumps(as_json(exploration), allow_nan=False)


def test_headline_metrics_are_flat_finite_numbers(titles, ratings, rich):
    for exploration in (exploration_of(titles, ratings), rich):
        metrics = headline_metrics(exploration)
        assert all(isinstance(value, int | float) for value in metrics.values())
        assert all(math.isfinite(value) for value in metrics.values())
    metrics = headline_metrics(exploration_of(titles, ratings))
    assert metrics["n_titles"] == 6
    assert metrics["n_movies"] == 4
    assert metrics["n_titles_hulu"] == 0
    assert metrics["n_imputed_certificates"] == 2
    assert metrics["mean_rating"] == pytest.approx(3.7)
    assert metrics["density"] == pytest.approx(5 / 9)
    assert metrics["median_minutes"] == 95
    assert metrics["n_duration_outliers"] == 1  # 300 minutes; quartiles 87.5 and 150


def test_the_json_gives_every_column_its_reason(rich):
    content = as_json(rich)
    assert content["signal"]["quality"]["is_found"]
    by_name = {(entry["table"], entry["column"]): entry for entry in content["columns"]}
    assert by_name["titles", "listed_in"]["kept"]
    assert not by_name["titles", "description"]["kept"]
    assert by_name["ratings", "rating"]["association"] is None
    assert all(entry["reason"] for entry in content["columns"])


def test_the_same_figure_is_the_same_bytes(titles):
    first, second = (style.png(figures.sizes(catalogue_sizes(titles))) for _ in range(2))
    assert first == second
    assert b"Software" not in first
