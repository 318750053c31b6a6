"""HTML from the templates, in one language. Values are escaped, wherever they come from."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from cartelera import columns as c
from cartelera.platforms import PUBLISHED, Platforms
from cartelera.ratings.scale import RatingScale
from cartelera.service.page.captions import age_of
from cartelera.service.page.words import Words

_ENVIRONMENT: Final = Environment(
    autoescape=True,
    auto_reload=False,
    loader=FileSystemLoader(Path(__file__).with_name("templates")),
    undefined=StrictUndefined,
    trim_blocks=True,
)


class Markup:
    """Fills in the templates with the words of one language.

    Args:
        words: The words.
        scale: Returns the scale of the ratings, asked only where stars are shown.
        platforms: The platforms there are.

    Attributes:
        words: The words.
        platforms: The platforms there are.
    """

    def __init__(
        self,
        words: Words,
        scale: Callable[[], RatingScale] = RatingScale,
        platforms: Platforms = PUBLISHED,
    ):
        self.words = words
        self.platforms = platforms
        self._scale = scale

    def __call__(self, template: str, **values: Any) -> str:
        """Fill in a template.

        Args:
            template: Its name in `templates/`, without suffixes.
            **values: What it shows; escaped.
        """
        return _ENVIRONMENT.get_template(f"{template}.html.j2").render(
            t=self.words,
            length=self.length,
            scale=self._scale,
            labels=self.platforms.labels,
            age_of=age_of,
            **values,
        )

    def note(self, text: str, kind: str = "note") -> str:
        """Show one sentence; the kind `problem` stands out."""
        return self("note", text=text, kind=kind)

    def length(self, title: Any) -> str:
        """Say how long a title with a duration is, with its unit."""
        if title.duration_type == c.SEASONS:
            return self.words.counted("season", "seasons", title.duration)
        return self.words("minutes", n=self.words.number(title.duration))
