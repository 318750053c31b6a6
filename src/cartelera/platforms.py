"""The platforms: a table of what each is called, where its catalogue is, how its ids begin.

`conf/catalogue` holds the table; whoever needs the platforms gets it handed, in its order.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any, Final

from cartelera.errors import ConfigError

_NAME: Final = re.compile(r"[a-z][a-z0-9_-]{0,39}")
_INITIAL: Final = re.compile(r"[a-z]{1,8}")
_COLOUR: Final = re.compile(r"#[0-9a-fA-F]{6}")
_SPARE_COLOURS: Final = ("#0284c7", "#3f3fb5", "#15803d", "#be123c", "#a16207", "#7e22ce")


@dataclass(frozen=True)
class Platform:
    """One platform.

    Attributes:
        name: What it is called in data, questions and answers: lower case, no spaces.
        file: The name of its catalogue's file.
        initial: What its title ids begin with: lower-case letters.
        label: What people read.
        colour: Of its parts of charts and pages, as #rrggbb.
        aliases: What else people call it.
    """

    name: str
    file: str
    initial: str
    label: str
    colour: str
    aliases: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for key, pattern, allowed in (
            ("name", _NAME, "lower-case letters, digits, - and _"),
            ("initial", _INITIAL, "one to eight lower-case letters"),
            ("colour", _COLOUR, "a colour such as #be123c"),
        ):
            if not pattern.fullmatch(getattr(self, key)):
                raise ConfigError(
                    f"catalogue.platforms.{self.name}: {key}={getattr(self, key)!r} is not "
                    f"allowed: allowed are {allowed}."
                )
        if not self.label.strip() or not self.file or "/" in self.file:
            raise ConfigError(
                f"catalogue.platforms.{self.name} needs a label and a file's name, without folder."
            )

    def title_id(self, show_id: str) -> str:
        """Return the id of a title: the platform's initial before the published id.

        >>> PUBLISHED["amazon"].title_id("s123")
        'as123'
        """
        return self.initial + show_id

    @property
    def words(self) -> set[str]:
        """What it is called, each as `plain` has it."""
        return {plain(word) for word in (self.name, self.label, *self.aliases)}


@dataclass(frozen=True)
class Platforms:
    """The platforms there are, in their order.

    Attributes:
        table: One entry a platform.

    Raises:
        ConfigError: If there is none, or two could be taken for each other.
    """

    table: tuple[Platform, ...]

    def __post_init__(self) -> None:
        if not self.table:
            raise ConfigError("catalogue.platforms is empty: list at least one platform.")

        # Two of a name or file would be one.
        for key in ("name", "file"):
            values = [getattr(platform, key).lower() for platform in self.table]
            for value in values:
                if values.count(value) > 1:
                    raise ConfigError(f"catalogue.platforms: two have {key}={value}.")

        # Ids and words must tell platforms apart.
        for one in self.table:
            for other in self.table:
                if one is not other and one.initial.startswith(other.initial):
                    raise ConfigError(
                        f"catalogue.platforms: initial={one.initial} of {one.name} begins with "
                        f"initial={other.initial} of {other.name}, so ids would be mistaken."
                    )
                if one is not other and (shared := one.words & other.words):
                    raise ConfigError(
                        f"catalogue.platforms: {one.name} and {other.name} are both called "
                        f"{min(shared)}."
                    )

    def __iter__(self) -> Iterator[Platform]:
        return iter(self.table)

    def __getitem__(self, name: str) -> Platform:
        return self._by_name[name]

    @property
    def names(self) -> tuple[str, ...]:
        """All names."""
        return tuple(platform.name for platform in self.table)

    @property
    def files(self) -> dict[str, str]:
        """The file of each platform, by name."""
        return {platform.name: platform.file for platform in self.table}

    @property
    def labels(self) -> dict[str, str]:
        """What people read, by name."""
        return {platform.name: platform.label for platform in self.table}

    @property
    def colours(self) -> dict[str, str]:
        """The colour of each platform, by name."""
        return {platform.name: platform.colour for platform in self.table}

    def find(self, word: str) -> str | None:
        """Return the name of the platform somebody means, whatever case, spaces and signs.

        >>> PUBLISHED.find("Disney+"), PUBLISHED.find("amazon PRIME"), PUBLISHED.find("mubi")
        ('disney', 'amazon', None)
        """
        return self._by_word.get(plain(word))

    def to_json(self) -> list[dict[str, Any]]:
        """Return the table as JSON-able values."""
        return [{**asdict(each), "aliases": list(each.aliases)} for each in self.table]

    @classmethod
    def of(cls, table: Iterable[Mapping[str, Any]]) -> "Platforms":
        """Return what `to_json` gave."""
        keys = ("name", "file", "initial", "label", "colour")
        return cls(
            tuple(
                Platform(*(str(each[key]) for key in keys), aliases=tuple(each["aliases"]))
                for each in table
            )
        )

    @classmethod
    def named(cls, names: Iterable[str]) -> "Platforms":
        """Return a table for names of which nothing else is known.

        It is the published one, with the names that are not in it after the others.
        """
        others = [name for name in dict.fromkeys(names) if name not in PUBLISHED.names]
        made = [_plain_platform(name, place) for place, name in enumerate(others)]
        return cls((*PUBLISHED.table, *made)) if made else PUBLISHED

    @cached_property
    def _by_name(self) -> dict[str, Platform]:
        return {platform.name: platform for platform in self.table}

    @cached_property
    def _by_word(self) -> dict[str, str]:
        return {word: platform.name for platform in self.table for word in platform.words}


def plain(word: str) -> str:
    """Return a name's letters and digits in lower case, without accents; a plus is a word.

    >>> plain("Paramount+"), plain("paramount plus")
    ('paramountplus', 'paramountplus')
    """
    decomposed = unicodedata.normalize("NFKD", word.replace("+", " plus "))
    return "".join(sign for sign in decomposed if sign.isalnum()).lower()


def _plain_platform(name: str, place: int) -> Platform:
    """Make an entry of a name; the initial only has to be unlike the others."""
    colour = _SPARE_COLOURS[place % len(_SPARE_COLOURS)]
    initial = "x" + "".join(chr(ord("a") + digit) for digit in divmod(place, 26))
    return Platform(name, f"{name}_titles.csv", initial, name.capitalize(), colour)


PUBLISHED: Final = Platforms(
    (
        Platform(
            "amazon",
            "amazon_prime_titles.csv",
            "a",
            "Amazon",
            "#0284c7",
            ("Amazon Prime", "Amazon Prime Video", "Prime Video", "Prime"),
        ),
        Platform("disney", "disney_plus_titles.csv", "d", "Disney", "#3f3fb5", ("Disney+",)),
        Platform("hulu", "hulu_titles.csv", "h", "Hulu", "#15803d"),
        Platform("netflix", "netflix_titles.csv", "n", "Netflix", "#be123c"),
    )
)
"""The four whose catalogues are published: what `conf/catalogue/default.yaml` holds."""
