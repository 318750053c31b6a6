"""Rows of titles from answers that are made up."""

from types import SimpleNamespace
from typing import Any

from cartelera.service.answering.filters import Filters
from cartelera.service.page.explore import explore


class MadeUp:
    """Suggests films a to l, the later the rarer; g and h are series, f and c are like y."""

    settings = SimpleNamespace(max_k=100, recommend_at=3.75)

    def title(self, title_id: str) -> Any:
        return SimpleNamespace(
            title_id=title_id, display_title=title_id.upper(), platform="hulu", also_on=[]
        )

    def lines(self, title_ids: str, filters: Filters) -> Any:
        found = [
            SimpleNamespace(
                title=SimpleNamespace(title_id=each, n_ratings=100 - ord(each)),
                stars=3.0 if each == "e" else 4.0,
            )
            for each in title_ids
            if each not in filters.without
        ]
        return SimpleNamespace(titles=found)

    def similar(self, title_id: str, _: int, filters: Filters) -> Any:
        assert title_id == "y"
        return self.lines("fc", filters)

    def recommend_new(self, _ratings: Any, _k: int, filters: Filters) -> Any:
        return self.lines("gh" if filters.type == "tv show" else "abcdefijkl", filters)


def rows(ratings: dict[str, float], filters: Filters, shown: str = "a") -> dict[str, str]:
    found = explore(MadeUp(), ratings, filters, shown)  # pyright: ignore[reportArgumentType]
    return {f"{row.key} {row.title}": "".join(c.title.title_id for c in row.cards) for row in found}


def test_each_row_has_titles_of_its_own():
    assert rows({"x": 2, "y": 5, "z": 3}, Filters()) == {
        "row_like Y": "fc",
        "row_gems ": "jkl",  # of b, d, e, i to l the rarer half
        "row_series ": "gh",
        "row_short ": "bdei",
    }


def test_rows_keep_to_the_wishes():
    assert list(rows({"x": 2}, Filters(type="tv show"))) == []
    assert list(rows({"x": 2}, Filters(max_minutes=120))) == ["row_gems "]
    assert list(rows({"x": 2}, Filters(without=("g",)))) == ["row_gems ", "row_short "]
