"""What a visitor sees while the page's script is on its way: its head, and titles to rate."""

from collections.abc import Callable
from typing import Final

from cartelera.service.answering.answers import Answers
from cartelera.service.page.markup import Markup
from cartelera.service.page.tonight import Tonight
from cartelera.service.page.words import LANGUAGES

TABS: Final = ("tab_tonight", "tab_viewer", "tab_questions", "tab_pictures", "tab_model")


class FirstSight:
    """The part of the document that stands where the page will be, and goes when that has come.

    Args:
        answers: Called at each request; returns what the running service loaded.
        markup: Fills in the templates.
        is_locked: Whether visitors need a key.
    """

    def __init__(self, answers: Callable[[], Answers], markup: Markup, *, is_locked: bool):
        self._tonight = Tonight(answers, markup)
        self._markup = markup
        self._is_locked = is_locked

    def show(self, *, with_titles: bool) -> str:
        """Return its HTML.

        Args:
            with_titles: Whether the titles to rate are those of a newcomer who wishes nothing.
        """
        platforms = [each.name for each in self._markup.platforms]
        start = self._tonight.start("{}", platforms, region="first") if with_titles else ""
        return self._markup(
            "first_sight",
            tabs=TABS,
            start=start,
            languages=LANGUAGES,
            is_locked=self._is_locked,
        )
