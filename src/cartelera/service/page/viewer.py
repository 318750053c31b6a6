"""A user the model knows: what they liked, what to recommend, whether they would like a title."""

from collections.abc import Callable

from cartelera.service.answering.answers import Answers
from cartelera.service.page.found import show_found
from cartelera.service.page.markup import Markup
from cartelera.service.page.sent import read_whole
from cartelera.service.problems import Refused


class Viewer:
    """The answers of the second tab."""

    def __init__(self, answers: Callable[[], Answers], markup: Markup):
        self._answers = answers
        self._markup = markup
        self._words = markup.words

    def show(self, typed: object) -> tuple[str, str]:
        """Show who a user is, and what to recommend to them."""
        user_id = read_whole(typed)
        if user_id is None:
            return self._markup.note(self._words("user_needed"), "problem"), ""
        answers = self._answers()
        try:
            profile = answers.user(user_id)
        except Refused:
            unknown = self._words("user_unknown", id=user_id)
            return self._markup.note(unknown, "problem"), ""
        found = answers.recommend(user_id)
        if not found.titles:
            return self._markup("profile", user=profile), self._markup.note(
                self._words("user_empty")
            )
        cards = self._markup(
            "cards",
            titles=found.titles,
            new_to_everyone=found.new_to_everyone,
            because="because_user",
            rateable=False,
        )
        return self._markup("profile", user=profile), cards

    def find(self, typed: object) -> str:
        """Show the titles that match what is being typed, each with a button to predict it."""
        return show_found(self._answers(), self._markup, typed, rateable=False)

    def predict(self, typed: object, title_id: object) -> str:
        """Show what a user would give a title, and whether to recommend it."""
        user_id = read_whole(typed)
        if user_id is None:
            return self._markup.note(self._words("user_needed"), "problem")
        try:
            prediction = self._answers().predict(user_id, str(title_id))
        except Refused:
            return self._markup.note(self._words("title_unknown"), "problem")
        return self._markup("prediction", prediction=prediction)
