import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cartelera.service.answering.title_search import TitleSearch, words_of

TITLES = ["god", "the godfather", "l'été à paris", "paris", "the god of war", "war of the gods"]


def found(words: str, titles: list[str] = TITLES) -> list[str]:
    ranks = np.argsort(np.argsort(titles, kind="stable"), kind="stable").astype(np.int32)
    return [titles[place] for place in TitleSearch(titles, ranks).find(words)]


def test_the_title_itself_comes_first_then_what_starts_with_it_then_the_rest():
    assert found("god") == ["god", "the god of war", "the godfather", "war of the gods"]
    assert found("the god") == ["the god of war", "the godfather", "war of the gods"]


def test_only_the_last_word_may_be_a_beginning():
    assert found("go wa") == []
    assert found("war go") == ["the god of war", "war of the gods"]


@pytest.mark.parametrize("words", ["ETE", "été", "Lété a", "l\u2019ete", "l ete", "L'ÉTÉ"])
def test_case_accents_and_apostrophes_do_not_matter(words: str):
    assert found(words) == ["l'été à paris"]


def test_words_may_come_in_any_order_and_repeatedly():
    assert found("gods the gods") == ["war of the gods"]


@pytest.mark.parametrize("words", ["!?", "'", "\x00"])
def test_no_word_finds_nothing(words: str):
    assert found(words) == []


@pytest.mark.parametrize("words", ["", "  "])
def test_a_blank_question_finds_all_in_order(words: str):
    assert found(words) == sorted(TITLES)


def test_an_index_without_titles_finds_nothing():
    assert found("god", []) == []


texts = st.text(st.sampled_from("aáAbB '-"), max_size=8)


questions = texts.filter(str.strip)


@given(st.lists(texts, max_size=8), questions)
def test_it_finds_what_a_look_at_every_title_finds(titles: list[str], question: str):
    *whole, last = words_of(question) or [""]
    expected: list[str] = []
    for title in titles:
        words = words_of(title) + words_of(title.replace("'", " "))
        if last and set(whole) <= set(words) and any(word.startswith(last) for word in words):
            expected.append(title)
    assert sorted(found(question, titles)) == sorted(expected)


@given(st.lists(texts, max_size=8), questions)
def test_the_question_itself_comes_first_then_what_starts_with_it(titles: list[str], question: str):
    asked = " ".join(words_of(question))
    answer = [" ".join(words_of(title)) for title in found(question, titles)]
    worth = [(text != asked, not text.startswith(asked)) for text in answer]
    assert worth == sorted(worth)
