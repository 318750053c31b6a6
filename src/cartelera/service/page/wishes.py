"""What the form of the first tab asks for, as fields send it and as the address holds it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, cast
from urllib.parse import parse_qs, urlencode

from cartelera import columns as c
from cartelera.catalogue.arguments import ALL, TYPE_CHOICES
from cartelera.platforms import PUBLISHED, Platforms
from cartelera.service.answering.filters import Filters
from cartelera.service.page.captions import AGES
from cartelera.service.page.form_input import one_of, read_text

LENGTHS: Final = {"short": (None, 90), "middle": (90, 120), "long": (120, None)}
"""The shortest and the longest duration of each choice, in minutes."""

ERAS: Final = {
    "era_2020": (2020, None),
    "era_2010": (2010, 2019),
    "era_2000": (2000, 2009),
    "era_1990": (1990, 1999),
    "era_classic": (None, 1989),
}
"""The first and the last release year of each choice."""

AUDIENCES: Final = {
    "all_ages": AGES["age_all"],
    "older_children": (*AGES["age_all"], *AGES["age_7"], *AGES["age_guided"]),
}
"""The age labels of each family choice."""


@dataclass(frozen=True)
class Wishes:
    """What the form says, as it was sent: whatever is no choice counts as no wish.

    Attributes:
        platforms: The platforms the viewer has.
        type: `movie`, `tv show` or `all`.
        genre: A genre; blank for any.
        length: A key of `LENGTHS`; blank for any.
        era: A key of `ERAS`; blank for any.
        audience: A key of `AUDIENCES`; blank for grown-ups.
    """

    platforms: list[str]
    type: str
    genre: str
    length: str
    era: str
    audience: str

    @classmethod
    def read(
        cls, sent: Sequence[object], genres: Sequence[str], platforms: Platforms = PUBLISHED
    ) -> "Wishes":
        """Read what the fields of the form sent.

        Args:
            sent: One value a field, in the order of the attributes.
            genres: The genres there are.
            platforms: The platforms there are.
        """
        where, type_, genre, length, era, audience = sent
        ticked = cast(list[object], where) if isinstance(where, list) else []
        return cls(
            platforms=[name for name in platforms.names if name in ticked],
            type=one_of(TYPE_CHOICES, type_, ALL),
            genre=one_of(genres, genre, ""),
            length=one_of(LENGTHS, length, ""),
            era=one_of(ERAS, era, ""),
            audience=one_of(AUDIENCES, audience, ""),
        )

    def filters(self, published: Sequence[str], without: Sequence[str] = ()) -> Filters:
        """Turn the wishes into filters; series are not measured in minutes.

        Args:
            published: The age labels that occur in the catalogue.
            without: Ids of titles the viewer does not want.
        """
        length = "" if self.type == c.TV_SHOW else self.length
        shortest, longest = LENGTHS.get(length, (None, None))
        first, last = ERAS.get(self.era, (None, None))
        labels = AUDIENCES.get(self.audience, ())
        return Filters(
            platforms=tuple(self.platforms),
            type=self.type,
            genre=self.genre or None,
            year_from=first,
            year_to=last,
            min_minutes=shortest,
            max_minutes=longest,
            certificates=tuple(label for label in labels if label in published),
            without=tuple(without),
        )

    @classmethod
    def of_address(
        cls, query: object, genres: Sequence[str], platforms: Platforms = PUBLISHED
    ) -> "Wishes":
        """Read the query of an address; whatever it does not say is no wish.

        Args:
            query: What `address` wrote, or anything else.
            genres: The genres there are.
            platforms: The platforms there are.
        """
        found = parse_qs(read_text(query).removeprefix("?"), keep_blank_values=True)
        said = {name: values[-1] for name, values in found.items()}
        ticked = said["platforms"].split(",") if "platforms" in said else list(platforms.names)
        others = [said.get(name) for name in ("type", "genre", "length", "era", "audience")]
        return cls.read([ticked, *others], genres, platforms)

    def address(self, platforms: Platforms = PUBLISHED) -> str:
        """Write the wishes as the query of an address; no wishes are a blank one."""
        said = {
            "platforms": ",".join(self.platforms),
            "type": self.type,
            "genre": self.genre,
            "length": self.length,
            "era": self.era,
            "audience": self.audience,
        }
        usual = {"platforms": ",".join(platforms.names), "type": ALL}
        return urlencode({name: text for name, text in said.items() if text != usual.get(name, "")})

    def fields(self) -> list[object]:
        """Return what the fields show, one value a field, in the order of the attributes."""
        return [self.platforms, self.type, self.genre, self.length, self.era, self.audience]
