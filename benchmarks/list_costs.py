"""What a fit costs in time and memory, in a process of its own."""

import os
import time
from pathlib import Path
from typing import Any

import numpy as np

from cartelera.ranking.histories import Histories
from generated_lists import ids_of
from list_contenders import EASE, ENTRIES, OURS
from list_ease import fit_ease_by_cholesky
from list_peers import PEERS
from list_rankers import STARS, Entry, Params
from measuring import forget_peak, peak_mb, present_mb, timed

N_FACTORS = 128
BY_CHOLESKY = "EASE, Cholesky"
ALL: dict[str, Entry] = {
    **ENTRIES,
    BY_CHOLESKY: Entry(fit_ease_by_cholesky, ENTRIES[EASE].space),
    **PEERS,
}
_STARS = dict.fromkeys(STARS, 0.5)
FIXED: dict[str, Params] = {
    OURS: {"n_factors": N_FACTORS, "half_life": None},
    "popularity": _STARS,
    "PureSVD": {"n_factors": N_FACTORS, **_STARS},
    "item-kNN": {"n_neighbours": 100, "shrinkage": 10.0, **_STARS},
    "RP3beta": {"n_neighbours": 100, "alpha": 1.0, "beta": 0.6, **_STARS},
    EASE: {"reg": 500.0, **_STARS},
    BY_CHOLESKY: {"reg": 500.0, **_STARS},
    "implicit ALS": {
        "n_factors": N_FACTORS,
        "regularization": 0.01,
        "alpha": 1.0,
        "iterations": 15,
        **_STARS,
    },
    "implicit BPR": {
        "n_factors": N_FACTORS,
        "learning_rate": 0.01,
        "regularization": 0.01,
        "iterations": 100,
        **_STARS,
    },
}
"""At scale nothing is tuned: what the libraries come with, and 128 factors."""

_WARM_UP = 500


def write_histories(path: Path, histories: Histories) -> None:
    """Keep histories for other processes."""
    np.savez(
        path,
        user_ids=histories.user_ids,
        starts=histories.starts,
        codes=histories.codes,
        values=histories.values,
    )


def read_histories(path: Path) -> Histories:
    """Read what `write_histories` wrote."""
    with np.load(path) as arrays:
        return Histories(**arrays)


def cost(name: str, path: Path, params: Params, *, warm_up: bool = True) -> dict[str, Any]:
    """Fit once and tell its time, what it adds to the process' memory, and the load.

    Args:
        name: Of `ALL`.
        path: Of the histories.
        params: The contender's.
        warm_up: Whether some users are fitted first, so that nothing is compiled on the clock.
    """
    histories = read_histories(path)
    title_ids = ids_of(histories)
    if warm_up:
        some = histories.part(slice(0, _WARM_UP))
        titles, codes = np.unique(some.codes, return_inverse=True)
        few = Histories(some.user_ids, some.starts, codes.astype(np.int32), some.values)
        small = {**params, "n_factors": 16} if "n_factors" in params else params
        ALL[name].fit(few, title_ids[titles], small)
        if name == OURS:
            _compile_products()
    forget_peak()
    before, processor = present_mb(), time.process_time()
    seconds, _ = timed(ALL[name].fit, histories, title_ids, params)
    return {
        "seconds": seconds,
        "processor_seconds": time.process_time() - processor,
        "added_mb": peak_mb() - before,
        "load": os.getloadavg()[0],
    }


def _compile_products() -> None:
    """Compile, or read from disk, what few users do not need."""
    from cartelera.ranking.truncated_svd import gram_product

    one = np.zeros(1, np.int32)
    gram_product(np.array([0, 1]), one, np.ones(1, np.float32), np.ones((1, 1), np.float32))
