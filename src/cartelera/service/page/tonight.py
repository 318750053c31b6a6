"""What to watch tonight: from wishes and a few ratings to a list with reasons."""

import secrets
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final, cast

from cartelera.catalogue.arguments import ALL
from cartelera.service.answering.answers import Answers
from cartelera.service.answering.filters import Filters
from cartelera.service.answering.list_replies import RecommendationList
from cartelera.service.answering.lists import POPULARITY
from cartelera.service.page.cards import title_card, title_cards
from cartelera.service.page.explore import explore
from cartelera.service.page.export import csv_link
from cartelera.service.page.form_input import (
    HIDDEN,
    LATER,
    look_up,
    look_up_ratings,
    read_marked,
    read_ratings,
)
from cartelera.service.page.model_verdicts import are_people_alike
from cartelera.service.page.section import Section
from cartelera.service.page.wishes import AUDIENCES, Wishes
from cartelera.service.problems import Refused

_N_TO_RATE: Final = 12
_N_LIKE: Final = 6


class Tonight(Section):
    """The first tab; `sent` is always what the browser keeps, see `read_ratings`."""

    def find(self, typed: object, sent: object) -> str:
        """Show the titles that match what is being typed, with sliders for stars."""
        ratings = read_ratings(sent, self._answers().settings.scale)
        return self._search_results(typed, ratings=ratings, rateable=True)

    def start(
        self, sent: object, platforms: object, shown: object = None, region: str = "start"
    ) -> str:
        """Show titles to rate: those that would tell most about the viewer first.

        Args:
            sent: What the browser keeps.
            platforms: The ticked platforms.
            shown: Ids of the titles that were passed over; they come again when no others are left.
            region: What the ids of its elements begin with.
        """
        answers = self._answers()
        wishes = Wishes.read([platforms, ALL, "", "", "", ""], (), self._markup.platforms)
        rated = list(self._ratings(answers, sent))
        passed = [str(each) for each in cast(list[Any], shown)] if isinstance(shown, list) else []
        hidden = read_marked(sent, HIDDEN)
        for without in ([*hidden, *passed], hidden):
            titles = answers.to_rate(_N_TO_RATE, wishes.filters((), without), rated).titles
            if titles:
                return self._markup("start", titles=titles, region=region)
        return self._markup("start", titles=[], region=region)

    def open(self, sent: object, query: object) -> tuple[list[object], str]:
        """Return what an address asks for: a value for each field, and the titles to rate.

        Args:
            sent: What the browser keeps.
            query: That of the address.
        """
        genres = self._answers().facets().genres
        wishes = Wishes.of_address(query, genres, self._markup.platforms)
        return wishes.fields(), self.start(sent, wishes.platforms)

    def marked(self, sent: object, *form: object) -> str:
        """Show the viewer's own ratings, what they keep for later and what they do not want.

        Args:
            sent: What the browser keeps.
            form: As for `recommend`: the page's address follows it.
        """
        answers = self._answers()
        later = look_up(answers, reversed(read_marked(sent, LATER)))
        return self._markup(
            "marked_titles",
            rated=look_up_ratings(answers, read_ratings(sent, answers.settings.scale)),
            later=later,
            csv=csv_link(later, self._words),
            address=self._wishes(form).address(self._markup.platforms),
            hidden=look_up(answers, reversed(read_marked(sent, HIDDEN))),
        )

    def recommend(self, sent: object, *form: object, k: object = None) -> tuple[str, str]:
        """Return a sentence about the list, and the list or what to change; blank without ratings.

        Args:
            sent: What the browser keeps.
            form: What the form sent, one value a field of `Wishes`.
            k: The length of the list; anything but a possible one leaves it to the settings.
        """
        answers = self._answers()
        wishes = self._wishes(form)
        if not wishes.platforms:
            return "", self._problem("no_platforms")
        ratings = self._ratings(answers, sent)
        if not ratings:
            return "", ""

        most = answers.settings.max_k
        length = k if isinstance(k, int) and 1 <= k <= most else None
        found = self._list(answers, ratings, sent, wishes, length)
        if found is None:
            return "", self._nothing_left(answers, ratings, sent, wishes)
        has_more = len(found.titles) == found.k < most
        lines = [*found.titles, *found.new_to_everyone]
        cards = self._markup(
            "cards",
            cards=title_cards(answers, found.titles),
            new_to_everyone=title_cards(answers, found.new_to_everyone),
            because="because",
            rateable=True,
            later=read_marked(sent, LATER),
            more=min(found.k + answers.settings.default_k, most) if has_more else None,
            rows=explore(answers, ratings, found.filters, [line.title.title_id for line in lines]),
        )
        return self._markup.note(self._about(found.origin), "about"), cards

    def like(self, sent: object, title_id: object, *form: object) -> str:
        """Show titles like another one; nothing for one that is not there.

        Args:
            sent: What the browser keeps.
            title_id: The other one; anything else closes the list.
            form: As for `recommend`.
        """
        answers = self._answers()
        wishes = self._wishes(form)
        unwanted = (*self._ratings(answers, sent), *read_marked(sent, HIDDEN))
        filters = Filters(platforms=tuple(wishes.platforms), without=unwanted)
        try:
            found = answers.similar(str(title_id), _N_LIKE, filters)
        except Refused:
            return ""
        return self._markup(
            "aside",
            heading=self._words("like_head", title=found.title.display_title),
            cards=[title_card(answers.title(line.title.title_id)) for line in found.titles],
            later=read_marked(sent, LATER),
            because="because",
        )

    def surprise(self, sent: object, *form: object) -> str:
        """Show one of all the titles that suit the viewer, whatever its place; nothing without."""
        answers = self._answers()
        ratings, most = self._ratings(answers, sent), answers.settings.max_k
        found = self._list(answers, ratings, sent, self._wishes(form), most)
        if found is None:
            return ""
        return self._markup(
            "aside",
            heading=self._words("surprise_head"),
            cards=title_cards(answers, [secrets.choice(found.titles)]),
            later=read_marked(sent, LATER),
            because="because",
        )

    def _wishes(self, form: Sequence[object]) -> Wishes:
        return Wishes.read(form, self._answers().facets().genres, self._markup.platforms)

    def _ratings(self, answers: Answers, sent: object) -> dict[str, float]:
        """Return the viewer's ratings of titles that are there, by title id, oldest first."""
        latest_first = look_up_ratings(answers, read_ratings(sent, answers.settings.scale))
        return {title.title_id: stars for title, stars in reversed(latest_first)}

    def _list(
        self,
        answers: Answers,
        ratings: dict[str, float],
        sent: object,
        wishes: Wishes,
        k: int | None = None,
    ) -> RecommendationList | None:
        """Make the list; None if it would be empty."""
        published = answers.facets().certificates
        labels = AUDIENCES.get(wishes.audience)
        if labels and not set(labels) & set(published):
            return None
        filters = wishes.filters(published, read_marked(sent, HIDDEN))
        found = answers.recommend_new(ratings, k, filters)
        return found if found.titles else None

    def _about(self, origin: str) -> str:
        if origin == POPULARITY:
            return self._words("list_unknown")
        alike = are_people_alike(self._answers().model())
        return self._words("list_alike" if alike else "list_yours")

    def _nothing_left(
        self, answers: Answers, ratings: dict[str, float], sent: object, wishes: Wishes
    ) -> str:
        """Name each single change that gives a list, or what else can be done."""
        t, labels = self._words, self._markup.platforms.labels
        missing = ", ".join(labels[name] for name in labels if name not in wishes.platforms)
        everywhere = replace(wishes, platforms=list(labels))
        changes = [
            (replace(wishes, genre=""), t("try_genre", genre=wishes.genre)),
            (replace(wishes, length=""), t("try_length")),
            (replace(wishes, era=""), t("try_era")),
            (everywhere, t("try_platforms", names=missing)),
            (replace(wishes, type=ALL), t("try_type")),
            (replace(wishes, audience=""), t("try_audience")),
        ]

        def helping(ways: list[tuple[Wishes, str]]) -> list[str]:
            tried = [way for way in ways if way[0] != wishes]
            return [idea for way, idea in tried if self._list(answers, ratings, sent, way, k=1)]

        nothing_asked = Wishes(everywhere.platforms, ALL, "", "", "", "")
        ideas = helping(changes) or helping([(nothing_asked, t("try_all"))]) or [t("try_nothing")]
        return self._markup("no_titles", ideas=ideas)
