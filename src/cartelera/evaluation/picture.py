"""A picture of a page, with the words that go with it."""

import base64
from dataclasses import dataclass


@dataclass(frozen=True)
class Picture:
    """A picture of the page.

    Attributes:
        name: Its file name without suffix.
        title: Its heading.
        caption: What it shows and how to read it.
        png: Its content.
    """

    name: str
    title: str
    caption: str
    png: bytes

    @property
    def data_url(self) -> str:
        """Return the content as a URL that needs no file."""
        return "data:image/png;base64," + base64.b64encode(self.png).decode("ascii")
