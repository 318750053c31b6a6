"""What the sections of the page have in common: where answers come from and how they are shown."""

from collections.abc import Callable
from typing import Any, Final

from cartelera.service.answering.answers import Answers
from cartelera.service.page.form_input import read_text
from cartelera.service.page.markup import Markup

N_SEARCH_RESULTS: Final = 6


class Section:
    """Handlers of one section of the page; they take what the browser sent and return HTML.

    Args:
        answers: Called at each request; returns what the running service loaded.
        markup: Fills in the templates.
    """

    def __init__(self, answers: Callable[[], Answers], markup: Markup):
        self._answers = answers
        self._markup = markup
        self._words = markup.words

    def _problem(self, key: str, **values: object) -> str:
        """Show what is wrong with what was sent."""
        return self._markup.note(self._words(key, **values), "problem")

    def _search_results(self, typed: object, **options: Any) -> str:
        """Show the first titles that match what is being typed; nothing if nothing was typed.

        Args:
            typed: What the browser sent.
            **options: What else the template is to know.
        """
        words = read_text(typed)
        if not words:
            return ""
        page = self._answers().search_titles(words)
        titles = page.titles[:N_SEARCH_RESULTS]
        return self._markup(
            "search_results", titles=titles, total=page.total, words=words, **options
        )
