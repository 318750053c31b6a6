"""What the trials of a search are compared by."""

from dataclasses import dataclass
from typing import Final, Literal

from cartelera import columns as c


@dataclass(frozen=True)
class Measure:
    """A number that says how good a trial is.

    Attributes:
        name: What tables and runs call it.
        label: What pictures call it, with its unit.
        unit: What the log says behind a value.
        higher_is_better: Whether it is a gain rather than an error.
    """

    name: str
    label: str
    unit: str
    higher_is_better: bool

    @property
    def direction(self) -> Literal["maximize", "minimize"]:
        """Optuna's word for where the search goes."""
        return "maximize" if self.higher_is_better else "minimize"

    def loss(self, value: float) -> float:
        """Return the value, or its negative: lower is better in any case."""
        return -value if self.higher_is_better else value


VALID_RMSE: Final = Measure(c.VALID_RMSE, "validation RMSE (stars)", "stars", False)
VALID_NDCG: Final = Measure(c.VALID_NDCG, "validation NDCG@10", "NDCG@10", True)
