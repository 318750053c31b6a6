"""The catalogue in pictures: bars drawn by the browser, each with its table."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from cartelera import columns as c
from cartelera.service.answering.title_info import TitleInfo
from cartelera.service.page.section import Section

_N_GENRES: Final = 15
_N_YEARS: Final = 25
_STAR_BINS: Final = 10


@dataclass(frozen=True)
class Bar:
    """One bar of a chart.

    Attributes:
        label: What it stands for.
        parts: Its stacked parts, what each is coloured as and how long it is.
    """

    label: str
    parts: list[tuple[str, int]]

    @property
    def total(self) -> int:
        """The length of the whole bar."""
        return sum(length for _, length in self.parts)


@dataclass(frozen=True)
class Chart:
    """Bars under a heading.

    Attributes:
        kind: Its name among the styles.
        heading: What it shows.
        bars: Its bars.
        legend: The colours of the parts of bars and what they stand for, if there are several.
        note: What else there is to know; may be blank.
    """

    kind: str
    heading: str
    bars: list[Bar]
    legend: list[tuple[str, str]]
    note: str

    @property
    def most(self) -> int:
        """The length of the longest bar; 1 where all are empty."""
        return max((bar.total for bar in self.bars), default=0) or 1


class Pictures(Section):
    """The fourth tab."""

    def draw(self) -> str:
        """Draw all charts of the whole catalogue."""
        titles = self._answers().all_titles()
        charts = [
            self._by_platform(titles),
            self._by_year(titles),
            self._by_score(titles),
            self._by_genre(titles),
        ]
        return self._markup("charts", facts=self._facts(titles), charts=charts)

    def _facts(self, titles: Sequence[TitleInfo]) -> str:
        types = Counter(title.type for title in titles)
        years = [title.year for title in titles]
        return self._words(
            "catalogue_facts",
            titles=self._words.number(len(titles)),
            movies=self._words.number(types[c.MOVIE]),
            shows=self._words.number(types[c.TV_SHOW]),
            first=min(years, default="-"),
            last=max(years, default="-"),
        )

    def _by_platform(self, titles: Sequence[TitleInfo]) -> Chart:
        counts = Counter((title.platform, title.type) for title in titles)
        bars = [
            Bar(each.label, [(_key(kind), counts[each.name, kind]) for kind in c.TYPES])
            for each in self._markup.platforms
        ]
        legend = [(_key(kind), self._words(kind)) for kind in c.TYPES]
        return self._chart("by_platform", bars, legend)

    def _by_year(self, titles: Sequence[TitleInfo]) -> Chart:
        counts = Counter((title.year, title.platform) for title in titles)
        last = max((title.year for title in titles), default=0)
        first = last - _N_YEARS + 1
        names = self._markup.platforms.names
        bars = [
            Bar(str(year), [(name, counts[year, name]) for name in names])
            for year in range(first, last + 1)
        ]
        before = sum(title.year < first for title in titles)
        note = self._words("by_year_note", n=self._words.number(before), year=first)
        legend = list(self._markup.platforms.labels.items())
        return self._chart("by_year", bars, legend, note if before else "")

    def _by_genre(self, titles: Sequence[TitleInfo]) -> Chart:
        counts = Counter(genre for title in titles for genre in title.genres)
        commonest = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))[:_N_GENRES]
        bars = [Bar(genre.capitalize(), [("plain", count)]) for genre, count in commonest]
        return self._chart("by_genre", bars, [], self._words("by_genre_note"))

    def _by_score(self, titles: Sequence[TitleInfo]) -> Chart:
        scores = [title.score for title in titles if title.score is not None]
        counts = Counter(_star_bin(score) for score in scores)
        bars = [
            Bar(
                f"{self._words.stars(place / 2)}-{self._words.stars((place + 1) / 2)}",
                [("stars", counts[place])],
            )
            for place in range(_STAR_BINS)
        ]
        note = self._words("by_score_note", n=self._words.number(len(scores)))
        return self._chart("by_score", bars, [], note)

    def _chart(
        self, kind: str, bars: list[Bar], legend: list[tuple[str, str]], note: str = ""
    ) -> Chart:
        return Chart(kind.replace("_", "-"), self._words(kind), bars, legend, note)


def _key(kind: str) -> str:
    return kind.replace(" ", "-")


def _star_bin(score: float) -> int:
    """Return the half star a score lies in; a full 5 belongs to the last."""
    return min(int(2 * score), _STAR_BINS - 1)
