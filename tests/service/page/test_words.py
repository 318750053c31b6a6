"""The page speaks two languages, and says the same in both."""

import inspect
from pathlib import Path
from string import Formatter

import pytest

from cartelera import service
from cartelera.service.page.words import LANGUAGES, Words, preferred_language, vocabulary

FOLDER = Path(inspect.getfile(service)).parent


def blanks(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_all_languages_have_the_same_keys_in_the_same_order():
    english, *others = [list(vocabulary(language)) for language in LANGUAGES]
    assert others
    assert all(other == english for other in others)


@pytest.mark.parametrize("key", vocabulary("en"))
def test_every_word_is_there_in_both_languages_with_the_same_blanks(key: str):
    translations = [vocabulary(language)[key] for language in LANGUAGES]
    assert all(text.strip() for text in translations)
    assert len({frozenset(blanks(text)) for text in translations}) == 1


def test_every_word_is_used():
    code = [path for suffix in ("py", "j2") for path in FOLDER.rglob(f"*.{suffix}")]
    texts = "\n".join(path.read_text() for path in code)
    built = (
        "way_",
        "about_",
        "in_",
        "both_",
        "mark_",
        "said_",
        "row_",
        "reading_",
        "tab_",
        "q_",
        "dashboard_list_",
    )  # found by a name that is put together
    unused = [
        key
        for key in vocabulary("en")
        if not key.startswith(built) and f'"{key}"' not in texts and f"'{key}'" not in texts
    ]
    assert set(unused) <= {"movie", "tv show"}  # the types themselves


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("en", ["1,234", "3.5", "1 rating", "1,234 ratings", "0.25"]),
        ("es", ["1.234", "3,5", "1 valoración", "1.234 valoraciones", "0,25"]),
    ],
)
def test_numbers_are_written_as_the_language_does(language: str, expected: list[str]):
    t = Words(language)
    counted = [t.counted("rating", "ratings", n) for n in (1, 1234)]
    assert [t.number(1234), t.stars(3.5), *counted, t.typed(0.25)] == expected


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "en"),
        ("es", "es"),
        ("es-MX,en;q=0.3", "es"),
        ("en;q=0.3, ES;q=0.9", "es"),
        ("de, fr;q=0.5", "en"),
        ("de, es;q=0.1", "es"),
        ("es;q=0, en;q=0.1", "en"),
        ("es;q=much", "en"),
        (";;;,=,\x00", "en"),
    ],
)
def test_the_visitors_language_is_the_one_they_like_best(header: str, language: str):
    assert preferred_language(header) == language
