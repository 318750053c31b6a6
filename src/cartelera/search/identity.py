"""What a study is: the ratings, the settings and the code that decide its trials."""

import hashlib
import importlib
import json
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import pandas as pd

from cartelera import files

_OF_ALL_MODELS: Final = (
    "cartelera.ratings.split",
    "cartelera.search.components",
    "cartelera.search.conditions",
    "cartelera.search.space",
    "cartelera.search.trials",
    "cartelera.search.vocabulary",
    "cartelera.search.warm_start",
)

RANKING_MODULES: Final = (
    *_OF_ALL_MODELS,
    "cartelera.evaluation.ranking",
    "cartelera.factorization.lanes",
    "cartelera.factorization.scoring",
    "cartelera.factorization.selection",
    "cartelera.ranking.fit",
    "cartelera.ranking.histories",
    "cartelera.ranking.model",
    "cartelera.ranking.parameters",
    "cartelera.ranking.truncated_svd",
    "cartelera.ranking.weights",
    "cartelera.search.ranking_objective",
    "cartelera.search.ranking_start",
)
"""The code that a trial of the ranking model depends on."""

DECISIVE_MODULES: Final = (
    *_OF_ALL_MODELS,
    "cartelera.factorization.blocks",
    "cartelera.factorization.descent",
    "cartelera.factorization.fast_kernels",
    "cartelera.factorization.fitting",
    "cartelera.factorization.kernels",
    "cartelera.factorization.lanes",
    "cartelera.factorization.parameters",
    "cartelera.factorization.parts",
    "cartelera.factorization.rating_matrix",
    "cartelera.factorization.recommender",
    "cartelera.factorization.svd",
    "cartelera.factorization.trainsets",
    "cartelera.search.fits",
    "cartelera.search.objective",
)
"""The code that a rating model's trial's parameters and value depend on.

What keeps, watches, distributes, ends or pictures a study may change in the middle of it.
"""


def digest_of_ratings(ratings: pd.DataFrame) -> str:
    """Return a digest of a table's columns and values, in their order."""
    digest = hashlib.sha256(",".join(ratings.columns).encode())
    digest.update(pd.util.hash_pandas_object(ratings, index=False).to_numpy().tobytes())
    return digest.hexdigest()


def digest_of_study(
    ratings_digest: str, settings: dict[str, Any], modules: Sequence[str] = DECISIVE_MODULES
) -> str:
    """Return a digest of all that the trials of a study share: data, settings, code and Optuna.

    Args:
        ratings_digest: See `digest_of_ratings`.
        settings: Those that decide what the trials are, as plain data.
        modules: The code that the trials depend on.
    """
    identity = [ratings_digest, _digest_of_code(modules), version("optuna"), settings]
    return hashlib.sha256(json.dumps(identity, sort_keys=True).encode()).hexdigest()


def _digest_of_code(modules: Sequence[str]) -> str:
    paths = {name: importlib.import_module(name).__file__ for name in modules}
    return files.digest_of({name: Path(path) for name, path in paths.items() if path})
