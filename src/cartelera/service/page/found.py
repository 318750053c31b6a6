"""The titles that match what is being typed, as both tabs with a search show them."""

from typing import Any, Final

from cartelera.service.answering.answers import Answers
from cartelera.service.page.markup import Markup
from cartelera.service.page.sent import read_words

N_FOUND: Final = 6


def show_found(answers: Answers, markup: Markup, typed: object, **options: Any) -> str:
    """Show the first titles that match, or nothing if nothing was typed.

    Args:
        answers: What is searched.
        markup: Fills in the template `found`.
        typed: What came from the browser.
        **options: What else the template is to know.
    """
    words = read_words(typed)
    if not words:
        return ""
    page = answers.search_titles(words)
    titles = page.titles[:N_FOUND]
    return markup("found", titles=titles, total=page.total, words=words, **options)
