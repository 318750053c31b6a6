"""A user the model knows: what they liked, what to recommend, whether they would like a title."""

from cartelera.service.page.cards import title_cards
from cartelera.service.page.form_input import read_integer
from cartelera.service.page.section import Section
from cartelera.service.problems import Refused


class Viewer(Section):
    """The second tab."""

    def show(self, typed: object) -> tuple[str, str]:
        """Show who a user is, and what to recommend to them."""
        user_id = read_integer(typed)
        if user_id is None:
            return self._problem("user_needed"), ""
        answers = self._answers()
        try:
            profile = answers.user(user_id)
        except Refused:
            return self._problem("user_unknown", id=user_id), ""

        shown = self._markup("user", user=profile)
        found = answers.recommend(user_id)
        if not found.titles:
            return shown, self._markup.note(self._words("user_empty"))
        cards = self._markup(
            "cards",
            cards=title_cards(answers, found.titles),
            new_to_everyone=title_cards(answers, found.new_to_everyone),
            because="because_user",
            rateable=False,
            later=[],
            rows=[],
        )
        return shown, cards

    def find(self, typed: object) -> str:
        """Show the titles that match what is being typed, each with a button to predict it."""
        return self._search_results(typed, rateable=False)

    def predict(self, typed: object, title_id: object) -> str:
        """Show what a user would give a title, and whether to recommend it."""
        user_id = read_integer(typed)
        if user_id is None:
            return self._problem("user_needed")
        try:
            prediction = self._answers().predict(user_id, str(title_id))
        except Refused:
            return self._problem("title_unknown")
        return self._markup("prediction", prediction=prediction)
