"""The rating model and the ranking model of one version, in one folder."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self

from cartelera.factorization.factors import Factors
from cartelera.ranking.model import RankingModel

RANKING_FOLDER: Final = "ranking"


@dataclass(frozen=True, eq=False)
class Model:
    """How many stars, and in which order.

    Attributes:
        rating: Predicts what a user would rate a title.
        ranking: Orders titles for a user.
    """

    rating: Factors
    ranking: RankingModel

    def save(self, folder: Path, card: Mapping[str, Any]) -> None:
        """Write both models into a folder.

        Args:
            folder: Made if need be; the ranking model goes into a folder of its own in it.
            card: What else the version's card, which is the rating model's, should say.
        """
        self.ranking.save(folder / RANKING_FOLDER, {})
        self.rating.save(folder, {**self.rating.card, **card})

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read both models.

        Raises:
            InputError: If a file is missing, damaged, altered, or written by a newer version.
        """
        return cls(Factors.load(folder), RankingModel.load(folder / RANKING_FOLDER))
