"""What the trials of a search are compared by: metrics of the evaluation, on validation ratings."""

from dataclasses import dataclass
from typing import Final, Literal

from cartelera import columns as c
from cartelera.evaluation.metrics import METRICS, Better
from cartelera.evaluation.metrics.ndcg import NDCG
from cartelera.evaluation.metrics.rmse import RMSE

_LENGTH: Final = 10  # of the lists that people are told of


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


def _on_validation(name: str, metric: str, unit: str | None = None) -> Measure:
    of_lists = METRICS[metric].name(_LENGTH)
    label = f"validation {of_lists} ({unit})" if unit else f"validation {of_lists}"
    return Measure(name, label, unit or of_lists, METRICS[metric].better is Better.high)


VALID_RMSE: Final = _on_validation(c.VALID_RMSE, RMSE, "stars")
VALID_NDCG: Final = _on_validation(c.VALID_NDCG, NDCG)
MEASURES: Final = {measure.name: measure for measure in (VALID_RMSE, VALID_NDCG)}
