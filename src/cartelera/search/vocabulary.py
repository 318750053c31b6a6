"""The parameters of each model that can be searched: their names, and who checks their values."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Any, Final

from cartelera.errors import ConfigError
from cartelera.factorization.parameters import (
    OWN_PARAMETER_NAMES,
    PARAMETER_NAMES,
    check_params,
)
from cartelera.ranking.parameters import RankingParams

N_EPOCHS: Final = "n_epochs"


@dataclass(frozen=True)
class Vocabulary:
    """What a search space may speak of.

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


def _check_ranking(params: Mapping[str, Any]) -> Mapping[str, Any]:
    checked = RankingParams.from_mapping(params).to_mapping()
    return {name: checked[name] for name in params}


RATING_WORDS: Final = Vocabulary(
    owner="Surprise's SVD",
    space="search.space",
    params="model.params",
    names=PARAMETER_NAMES,
    not_searched=OWN_PARAMETER_NAMES,
    whole=frozenset({"n_factors", N_EPOCHS, "random_state"}),
    flags=frozenset({"biased"}),
    seeds=frozenset({"random_state"}),
    has_epochs=True,
    check=check_params,
)

RANKING_WORDS: Final = Vocabulary(
    owner="the ranking model",
    space="search.ranking.space",
    params="ranking.params",
    names=tuple(field.name for field in fields(RankingParams)),
    not_searched=(),
    whole=frozenset({"n_factors", "seed"}),
    flags=frozenset(),
    seeds=frozenset({"seed"}),
    has_epochs=False,
    check=_check_ranking,
)
