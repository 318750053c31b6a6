"""One film on several platforms: found, rated, listed and shown as one."""

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cartelera import columns as c
from cartelera.platforms import PUBLISHED
from cartelera.service.answering.answers import Answers
from cartelera.service.answering.feedback import FeedbackLog
from cartelera.service.answering.filters import Filters
from cartelera.service.answering.list_replies import RankedTitle
from cartelera.service.answering.settings import Settings
from cartelera.service.answering.title_info import TitleInfo, Version
from cartelera.service.answering.works import Alignment, Works
from cartelera.service.bundle import writing as bundle_writing
from cartelera.service.bundle.layout import Bundle
from cartelera.service.bundle.loading import load
from cartelera.service.page.markup import Markup
from cartelera.service.page.tonight import Tonight
from cartelera.service.page.words import Words

ALPHA = TitleInfo(
    "ns1", "ns1", "alpha", "Alpha", "netflix", "movie", 2018, 100, "min", ["drama"], "pg", None, 0
)


def version(title_id: str, work_id: str) -> TitleInfo:
    platform = next(name for name in PUBLISHED.names if name[0] == title_id[0])
    return replace(ALPHA, title_id=title_id, work_id=work_id, platform=platform)


THREE = [version("ns9", "as10"), version("hs1", "hs1"), version("as10", "as10")]
NINE_TEN = [version("as10", "as9"), version("as9", "as9")]

catalogues = st.lists(
    st.tuples(st.sampled_from(PUBLISHED.names), st.integers(1, 12)), unique=True, max_size=8
).flatmap(
    lambda found: st.tuples(
        st.just([f"{platform[0]}s{number}" for platform, number in found]),
        st.lists(st.integers(0, 3), min_size=len(found), max_size=len(found)),
    )
)


def test_versions_are_in_the_order_of_platforms_and_numbers():
    works = Works(THREE)
    assert works.versions(int(works.of_titles[0])).tolist() == [2, 0]
    assert works.versions(int(works.of_titles[1])).tolist() == [1]
    assert Works(NINE_TEN).versions(0).tolist() == [1, 0]


@given(catalogues, st.data())
def test_a_work_passes_if_a_version_does(
    catalogue: tuple[list[str], list[int]], data: st.DataObject
):
    ids, groups = catalogue
    firsts = {group: ids[groups.index(group)] for group in groups}
    titles = [version(each, firsts[group]) for each, group in zip(ids, groups, strict=True)]
    mask = np.array(data.draw(st.lists(st.booleans(), min_size=len(ids), max_size=len(ids))), bool)
    works = Works(titles)
    passing = works.passing(mask)
    for place, title in enumerate(titles):
        others = [mask[n] for n, other in enumerate(titles) if other.work_id == title.work_id]
        assert passing[works.of_titles[place]] == any(others)


def test_a_model_knows_a_work_by_whatever_version_it_was_fitted_with():
    known = np.array(["hs1", "ns9", "gone"], dtype=object)
    aligned = Alignment(known, THREE, Works(THREE))
    assert [aligned.model_id(each) for each in ("as10", "ns9", "hs1")] == ["ns9", "ns9", "hs1"]
    assert aligned.model_id("gone") == "gone"
    assert aligned.model_id("xs1") is None
    assert aligned.n_in_catalogue == 2


def test_of_several_titles_that_are_one_work_now_the_one_called_like_it_stands_for_it():
    known = np.array(["ns9", "as10"], dtype=object)
    aligned = Alignment(known, THREE, Works(THREE))
    assert [aligned.model_id(each) for each in ("as10", "ns9")] == ["as10", "as10"]
    everything = np.ones(2, dtype=np.bool_)
    assert aligned.allowed(everything).tolist() == [False, True]


@pytest.fixture
def answers(
    tmp_path: Path,
    factors_folder: Path,
    titles: pd.DataFrame,
    scores: pd.DataFrame,
    feedback_folder: Path,
) -> Answers:
    """The catalogue of `conftest`, with ns2 on disney and ns1 and hs1 on amazon too."""
    twins = titles.set_index(c.ID).loc[["ns2", "ns1", "hs1"]].reset_index()
    twins[c.WORK_ID] = twins[c.ID]
    twins[c.ID], twins[c.PLATFORM] = ["ds7", "as7", "as8"], ["disney", "amazon", "amazon"]
    seen = pd.DataFrame({c.USER_ID: [1], c.TITLE_ID: ["ns1"], c.RATING: [5.0]})
    bundle = Bundle(tmp_path / "works")
    bundle_writing.write(
        bundle,
        factors=factors_folder,
        titles=pd.concat([titles, twins], ignore_index=True),
        scores=scores,
        seen=seen,
        settings=Settings(recommend_at=3.75, default_k=10, max_k=20, diversity=0.0),
        registered={"name": "tiny", "version": "7"},
    )
    return load(bundle, FeedbackLog(feedback_folder))


def listed(lines: list[RankedTitle]) -> list[str]:
    return [line.title.title_id for line in lines]


def test_a_list_names_a_work_once_with_all_its_platforms(answers: Answers):
    answer = answers.recommend(1, 3)
    assert listed(answer.titles) == ["ds7", "as1", "as8"]
    assert [line.also_on for line in answer.titles] == [
        [Version("ns2", "netflix")],
        [],
        [Version("hs1", "hulu")],
    ]


def test_a_filter_is_for_versions(answers: Answers):
    netflix = answers.recommend(1, filters=Filters(platforms=("netflix",)))
    assert listed(netflix.titles) == ["ns2"]
    assert netflix.titles[0].also_on == []
    both = answers.recommend(1, filters=Filters(platforms=("hulu", "amazon")))
    assert listed(both.titles) == ["as1", "as8"]


@pytest.mark.parametrize("title_id", ["ns1", "as7", "AS7"])
def test_a_rating_counts_for_every_version(answers: Answers, title_id: str):
    answer = answers.recommend_new({title_id: 5.0}, 3)
    assert listed(answer.titles) == ["ds7", "as1", "as8"]
    (because,) = answer.titles[0].because
    assert because.title.title_id == title_id.lower(), "what was rated is what is cited"
    assert answer.titles[0].stars == answers.recommend_new({"ns1": 5.0}).titles[0].stars


def test_of_ratings_of_two_versions_the_later_counts(answers: Answers):
    answer = answers.recommend_new({"as7": 1.0, "hs1": 4.0, "ns1": 5.0})
    assert [because.rating for because in answer.titles[0].because] == [5.0]
    assert answer.titles == answers.recommend_new({"hs1": 4.0, "ns1": 5.0}).titles


def test_a_received_rating_of_one_version_replaces_that_of_another(answers: Answers):
    assert answers.predict(1, "as7").rating == 5.0
    assert answers.rate(1, "as7", 2.0).replaced == 5.0
    assert answers.predict(1, "ns1").rating == 2.0
    profile = answers.user(1)
    assert (profile.n_ratings, profile.liked[0].title.title_id) == (1, "as7")


def test_every_version_has_the_same_prediction_and_the_same_similar_titles(answers: Answers):
    for user_id in (1, 99):
        scores = {answers.predict(user_id, title_id).score for title_id in ("ns2", "ds7")}
        assert len(scores) == 1
    similar = answers.similar("as7")
    assert similar.titles == answers.similar("ns1").titles
    assert not {"ns1", "as7"} & {line.title.title_id for line in similar.titles}


def test_a_title_names_its_other_versions(answers: Answers):
    assert answers.title("as7").also_on == [Version("ns1", "netflix")]
    assert answers.title("as7").work_id == "ns1"


def test_what_is_rated_on_one_platform_is_not_to_be_rated_on_another(answers: Answers):
    every = [title.work_id for title in answers.to_rate(10).titles]
    assert sorted(every) == ["as1", "hs1", "ns1", "ns2"]
    left = [title.work_id for title in answers.to_rate(10, rated=["as7", "ds7"]).titles]
    assert sorted(left) == ["as1", "hs1"]


def test_a_card_shows_all_platforms_of_a_work(answers: Answers):
    tonight = Tonight(lambda: answers, Markup(Words("en")))
    _, cards = tonight.recommend('{"ns1": 5}', ["netflix"], "tv show", "", "", "", "")
    first = cards.split('class="card"')[1]
    assert re.findall('class="chip chip-([a-z]+)"', first) == ["netflix", "disney"]
