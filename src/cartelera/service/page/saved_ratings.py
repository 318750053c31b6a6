"""Saving the ratings of the page: under a number, through the same door as the API's.

Nobody proves who they are here. So the page gives each newcomer a number that cannot be guessed,
and whoever brings it back is taken for its owner. The numbers that came with the data are small
and easy to guess: they are taken only where a key lets nobody in who is not trusted.
"""

import secrets
from collections.abc import Callable, Sequence
from typing import Final

from cartelera.service.answering.answers import Answers
from cartelera.service.answering.title_info import TitleInfo
from cartelera.service.page.form_input import (
    look_up_ratings,
    read_integer,
    read_ratings,
    read_text,
)
from cartelera.service.page.markup import Markup
from cartelera.service.page.section import Section
from cartelera.service.problems import Refused

FIRST: Final = 10**14
"""Numbers given here have 15 digits: hard to guess, and exact wherever JSON is read."""

END: Final = 10**15


class SavedRatings(Section):
    """The part of the first tab that saves ratings.

    Args:
        answers: Called at each request; returns what the running service loaded.
        markup: Fills in the templates.
        trusts_visitors: Whether a visitor may save under a number that can be guessed.
    """

    def __init__(
        self, answers: Callable[[], Answers], markup: Markup, *, trusts_visitors: bool
    ) -> None:
        super().__init__(answers, markup)
        self._trusts_visitors = trusts_visitors

    def form(self) -> str:
        """Show the form with a number nobody has, or that nothing is kept here.

        The number is there before anything is saved: whoever has to save again, for an answer that
        got lost, does so under the same one.
        """
        answers = self._answers()
        offered = _draw(answers) if answers.takes_ratings else None
        return self._markup("save_form", offered=offered)

    def save(self, sent: object, typed: object, offered: object) -> str:
        """Save ratings, and say under which number and what becomes of them.

        Args:
            sent: The ratings as the browser keeps them.
            typed: The number the visitor entered; blank if they have none.
            offered: The number the form came with.
        """
        answers = self._answers()
        ratings = look_up_ratings(answers, read_ratings(sent, answers.settings.scale))
        if not answers.takes_ratings:
            return self._problem("keep_off")
        if not ratings:
            return self._problem("keep_nothing")

        user_id, problem = self._number(answers, typed, offered)
        if user_id is None:
            return problem

        n_kept = _save(answers, user_id, ratings)
        return self._markup(
            "saved",
            user_id=user_id,
            spaced=f"{user_id:,}".replace(",", "\N{NO-BREAK SPACE}"),
            n_kept=n_kept,
            n_all=len(ratings),
            is_secret=_is_secret(user_id),
        )

    def _number(self, answers: Answers, typed: object, offered: object) -> tuple[int | None, str]:
        """Return the number to save under, or what is wrong with the one that was entered."""
        own = read_integer(offered)
        if own is None or not _is_secret(own):
            own = _draw(answers)

        if not read_text(typed):
            return own, ""
        entered = read_integer(typed)
        if entered is None:
            return None, self._problem("keep_wrong")
        if entered != own and not _is_known(answers, entered):
            return None, self._problem("keep_unknown", id=entered)
        if not _is_secret(entered) and not self._trusts_visitors:
            return None, self._problem("keep_not_yours", id=entered)
        return entered, ""


def _save(answers: Answers, user_id: int, ratings: Sequence[tuple[TitleInfo, float]]) -> int:
    """Save ratings in the order they were given; tell how many, should one be refused."""
    for n_kept, (title, stars) in enumerate(reversed(ratings)):
        try:
            answers.rate(user_id, title.title_id, stars)
        except Refused:
            return n_kept
    return len(ratings)


def _draw(answers: Answers) -> int:
    """Draw a number at random until nobody has it; two drawn at once differ all but certainly."""
    while True:
        number = FIRST + secrets.randbelow(END - FIRST)
        if not _is_known(answers, number):
            return number


def _is_known(answers: Answers, user_id: int) -> bool:
    try:
        answers.user(user_id, 1)
    except Refused:
        return False
    return True


def _is_secret(user_id: int) -> bool:
    return FIRST <= user_id < END
