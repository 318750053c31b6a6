"""How exact the truncated SVD is, and how long one user's list takes; in processes of their own."""

from pathlib import Path
from time import perf_counter
from typing import Any
from unittest.mock import patch

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cartelera import columns as c
from cartelera.evaluation.audience import Audience
from cartelera.evaluation.bootstrap import bootstrap_intervals
from cartelera.evaluation.judged_lists import find_hits
from cartelera.evaluation.metrics.ndcg import ndcg_at_k
from cartelera.ranking import fit, truncated_svd
from cartelera.ranking.content import N_DIMENSIONS
from cartelera.ranking.fitting import fit_without_content
from cartelera.ranking.histories import Histories
from cartelera.ranking.model import RankingModel
from cartelera.ranking.parameters import RankingParams
from generated_lists import ids_of
from list_contenders import Scores
from list_costs import N_FACTORS, read_histories
from measuring import timed

_PER_FACTOR = (2, 3, 4, 6)
_REFERENCE = 12
_K, _USERS, _TEST = 10, 5000, 0.2
_RATED_SHARE, _HISTORY, _ASKED = 0.9, 100, 300


def exactness(path: Path) -> dict[str, Any]:
    """Compare bases of fewer dimensions with one of many, by singular values, angles and lists."""
    train, audience = _split(read_histories(path))
    title_ids = ids_of(train)
    params = RankingParams(n_factors=N_FACTORS, half_life=None)
    found: dict[int, tuple[NDArray[Any], NDArray[Any], NDArray[Any], float]] = {}
    for per_factor in (*_PER_FACTOR, _REFERENCE):
        kept: list[Any] = []

        def right_factors(*args: Any, kept: list[Any] = kept) -> Any:
            kept[:] = truncated_svd.right_factors(*args)
            return kept

        with (
            patch.object(truncated_svd, "_DIMENSIONS_PER_FACTOR", per_factor),
            patch.object(truncated_svd, "_FEWEST_DIMENSIONS", 1),
            patch.object(fit, "right_factors", right_factors),
        ):
            seconds, model = timed(fit_without_content, train, title_ids, params)
        top = audience.top_k(Scores(model), _K)
        ndcg = ndcg_at_k(*find_hits(top, audience.relevant))
        found[per_factor] = (kept[0], kept[1] / np.sqrt(kept[0]), ndcg, seconds)

    squares, vectors, best, _ = found[_REFERENCE]
    return {
        f"{per_factor} dimensions a factor": {
            "seconds": seconds,
            "energy_missing": float(1 - some.sum() / squares.sum()),
            "largest_error_of_s": float(np.max(1 - np.sqrt(some / squares))),
            "angles_below_25_degrees": int(
                (np.linalg.svd(vectors.T @ right, compute_uv=False) > np.cos(np.radians(25))).sum()
            ),
            "ndcg": float(ndcg.mean()),
            "ndcg_minus_reference": _difference(ndcg, best),
        }
        for per_factor, (some, right, ndcg, seconds) in found.items()
    }


def _split(histories: Histories) -> tuple[Histories, Audience]:
    """Hold the latest ratings of some users out; a rating's place in the history is its time."""
    rng = np.random.default_rng(0)
    held = np.zeros(histories.n_users, dtype=np.bool_)
    held[rng.permutation(histories.n_users)[:_USERS]] = True
    n_test = np.floor(histories.lengths * _TEST) * held
    is_test = histories.recency < np.repeat(n_test, histories.lengths)
    lengths = np.bincount(histories.rows[~is_test], minlength=histories.n_users)
    train = Histories(
        histories.user_ids,
        np.concatenate([[0], np.cumsum(lengths)]),
        histories.codes[~is_test],
        histories.values[~is_test],
    )
    title_ids = ids_of(histories)

    def table(some: NDArray[np.bool_]) -> pd.DataFrame:
        rows = histories.rows[some]
        return pd.DataFrame(
            {
                c.USER_ID: histories.user_ids[rows],
                c.TITLE_ID: title_ids[histories.codes[some]],
                c.RATING: histories.values[some],
                c.TIMESTAMP: -histories.recency[some],
            }
        )

    told = table(~is_test & held[histories.rows])
    audience = Audience.draw(told, table(is_test), relevant_at=4.0, max_users=_USERS, seed=0)
    return train, audience


def _difference(one: NDArray[np.float64], other: NDArray[np.float64]) -> list[float]:
    columns = (one - other)[:, np.newaxis]
    found = bootstrap_intervals(
        columns, lambda sums: sums / len(columns), n_bootstrap=2000, confidence=0.95, seed=0
    )[0]
    return [found.value, found.low, found.high]


def one_user(path: Path) -> dict[str, float]:
    """Time the ten best titles of one user with 100 ratings, in ms (medians).

    Content vectors are drawn; the last tenth of the titles counts as rated by nobody.
    """
    histories = read_histories(path)
    title_ids = ids_of(histories)
    params = RankingParams(n_factors=N_FACTORS)
    plain = fit_without_content(histories, title_ids, params)

    rng = np.random.default_rng(0)
    content = rng.standard_normal((len(title_ids), N_DIMENSIONS)).astype(np.float32)
    content /= np.linalg.norm(content, axis=1, keepdims=True)
    is_rated = np.arange(len(title_ids)) < _RATED_SHARE * len(title_ids)  # these stand first
    full = RankingModel(
        title_ids=title_ids,
        factors=plain.factors,
        weights=plain.weights,
        prior=plain.prior,
        content=content,
        n_ratings=(plain.n_ratings * is_rated).astype(np.int32),
        params=params,
    )
    return {
        name: float(np.median(_times(model, histories)))
        for name, model in (("by ratings alone", plain), ("with content", full))
    }


def _times(model: RankingModel, histories: Histories) -> list[float]:
    """Time single lists, in ms."""
    users = np.flatnonzero(histories.lengths >= _HISTORY)[:_ASKED]
    times: list[float] = []
    for user in users:
        codes = histories.codes[histories.starts[user] :][:_HISTORY]
        ids, stars = model.title_ids[codes].tolist(), histories.values[: len(codes)].tolist()
        begin = perf_counter()
        model.recommend(model.profile(ids, stars), _K, seen=ids)
        times.append((perf_counter() - begin) * 1e3)
    return times[len(times) // 10 :]  # the first build what is built once
