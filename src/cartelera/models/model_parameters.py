"""What the parameters of a model are called, which of them a search may draw, who checks them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from cartelera.errors import ConfigError

N_EPOCHS: Final = "n_epochs"
"""The one parameter that is read off a validation curve where there is one."""


@dataclass(frozen=True)
class ModelParameters:
    """The parameters of a model, as a search space may name them.

    Attributes:
        owner: Whose parameters they are, in words.
        space: Where the space stands in the configuration.
        params: Where the model's own parameters stand.
        names: Parameters that can be drawn.
        not_searched: Parameters that can only be fixed.
        whole: Those that are whole numbers.
        flags: Those that are true or false.
        seeds: Those that say nothing of a model's quality.
        has_epochs: Whether the number of epochs has to be known.
        check: Checks values by name and returns them as plain ones.
    """

    owner: str
    space: str
    params: str
    names: tuple[str, ...]
    not_searched: tuple[str, ...]
    whole: frozenset[str]
    flags: frozenset[str]
    seeds: frozenset[str]
    has_epochs: bool
    check: Callable[[Mapping[str, Any]], Mapping[str, Any]]

    def checked(self, where: str, name: str, value: Any) -> Any:
        """Return a value as a plain one.

        Raises:
            ConfigError: If the name is unknown or the value out of range; says where it stands.
        """
        try:
            return self.check({name: value})[name]
        except ConfigError as error:
            raise ConfigError(f"{where}: {error}") from error

    def check_searchable(self, where: str, name: str) -> None:
        """Refuse a parameter that cannot be drawn.

        Raises:
            ConfigError: If it is one.
        """
        if name in self.not_searched:
            wrong = f"{name} is not searched: fix it here or in {self.params}"
        elif name not in self.names:
            wrong = f"{self.owner} has no such parameter"
        else:
            return
        raise ConfigError(f"{where}: {wrong}; allowed are {', '.join(self.names)}.")
