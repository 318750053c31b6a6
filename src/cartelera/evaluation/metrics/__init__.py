"""The metrics models are measured by, one a module: a new one is a new module and nothing else."""

from importlib import import_module
from pkgutil import iter_modules

from cartelera.evaluation.metrics.base import (
    HIGH,
    LOW,
    METRICS,
    Better,
    CatalogueMetric,
    ListMetric,
    MeanMetric,
    Metric,
    StarMetric,
    of_kind,
    register,
)

for _module in iter_modules(__path__):
    import_module(f"{__name__}.{_module.name}")

__all__ = [
    "HIGH",
    "LOW",
    "METRICS",
    "Better",
    "CatalogueMetric",
    "ListMetric",
    "MeanMetric",
    "Metric",
    "StarMetric",
    "of_kind",
    "register",
]
