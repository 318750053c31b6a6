"""The ten best titles of 23,000: for one user, in a service, and for all users, in a batch.

All contenders rank with the same numbers, so that their lists must be the same; what a user has
rated is left out.
"""

import argparse
import tempfile
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import surprise
from matplotlib.figure import Figure
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from threadpoolctl import threadpool_limits

from cartelera import columns as c
from cartelera.factorization.factors import Factors
from cartelera.models.registry import fit_factors
from cartelera.ranking.histories import Histories
from cartelera.ranking.rating_order import RatingOrder
from cartelera.ranking.top_k import top_k
from generated import SCALE, generate
from measuring import forget_peak, in_own_process, machine, peak_mb, present_mb, timed
from reporting import OURS, THEIRS, save, say, show

K = 10
LOOP, BY_HAND = "Surprise's predict loop", "numpy by hand"
IMPLICIT, CARTELERA = "implicit", "Cartelera"

Lists = dict[str, list[float]]


@dataclass(frozen=True, eq=False)
class Rankers:
    """One model in the hands of several libraries.

    Attributes:
        factors: The model.
        ratings: What it was fitted to.
    """

    factors: Factors
    ratings: pd.DataFrame

    @cached_property
    def seen(self) -> dict[int, list[str]]:
        """The titles each user has rated."""
        return self.ratings.groupby(c.USER_ID)[c.TITLE_ID].agg(list).to_dict()

    @cached_property
    def rated(self) -> csr_matrix:
        """The same as a matrix of zeros and ones, by code."""
        codes = self.factors.codes(self.ratings[c.USER_ID], self.ratings[c.TITLE_ID])
        shape = (len(self.factors.user_ids), len(self.factors.title_ids))
        return csr_matrix((np.ones(len(self.ratings), np.float32), codes), shape=shape)

    @cached_property
    def histories(self) -> Histories:
        """The same as our rankers read it."""
        return _histories(self.factors, self.ratings, self.factors.user_ids)

    @cached_property
    def surprise(self) -> surprise.SVD:
        """The model as a `surprise.SVD`."""
        columns = self.ratings[[c.USER_ID, c.TITLE_ID, c.RATING]]
        dataset = surprise.Dataset.load_from_df(columns, surprise.Reader(rating_scale=SCALE))
        model = surprise.SVD(n_factors=1, n_epochs=0).fit(dataset.build_full_trainset())
        model.bu = self.factors.user_bias.astype(np.float64)
        model.bi = self.factors.title_bias.astype(np.float64)
        model.pu = self.factors.user_factors.astype(np.float64)
        model.qi = self.factors.title_factors.astype(np.float64)
        return model

    @cached_property
    def implicit(self) -> Any:
        """The model as implicit's: the title bias is one more factor."""
        from implicit.als import AlternatingLeastSquares

        factors = self.factors
        one = np.ones((len(factors.user_ids), 1), np.float32)
        model = AlternatingLeastSquares(factors=factors.user_factors.shape[1] + 1, use_gpu=False)
        model.user_factors = np.hstack([factors.user_factors, one])
        model.item_factors = np.hstack([factors.title_factors, factors.title_bias[:, np.newaxis]])
        return model

    def by_loop(self, user: int) -> list[str]:
        """Ask Surprise for one title after the other."""
        user_id, predict = int(self.factors.user_ids[user]), self.surprise.predict
        seen = set(self.seen[user_id])
        titles = (title_id for title_id in self.factors.title_ids if title_id not in seen)
        predictions = [predict(user_id, title_id, clip=False) for title_id in titles]
        predictions.sort(key=lambda prediction: prediction.est, reverse=True)
        return [prediction.iid for prediction in predictions[:K]]

    def by_hand(self, user: int) -> list[str]:
        """Do what is left when everything but the arithmetic is."""
        factors = self.factors
        scores = factors.title_factors @ factors.user_factors[user] + factors.title_bias
        scores[self.rated.indices[self.rated.indptr[user] : self.rated.indptr[user + 1]]] = -np.inf
        best = np.argpartition(-scores, K)[:K]
        return list(factors.title_ids[best[np.argsort(-scores[best])]])

    def by_implicit(self, user: int) -> list[str]:
        """Ask implicit."""
        codes, _ = self.implicit.recommend(user, self.rated[user], N=K)
        return list(self.factors.title_ids[codes])

    def by_cartelera(self, user: int) -> list[str]:
        """Ask the exported model."""
        user_id = int(self.factors.user_ids[user])
        lines = self.factors.recommend(user_id, K, seen=self.seen[user_id])
        return [line.title_id for line in lines]

    def all_by_implicit(self) -> NDArray[np.integer]:
        """Ask implicit for everyone."""
        everyone = np.arange(len(self.factors.user_ids))
        return self.implicit.recommend(everyone, self.rated, N=K)[0]

    def all_by_cartelera(self) -> NDArray[np.integer]:
        """Rank for everyone, block by block."""
        return top_k(RatingOrder(self.factors), self.histories, K).positions


def main() -> None:
    """Measure, print, save."""
    options = _options()
    before = machine()
    has_implicit = find_spec("implicit") is not None
    if not has_implicit:
        say("implicit is left out: pip install '.[bench]' brings it.")
    ratings = generate(options.ratings).frame()
    say("fitting ...")
    factors = fit_factors("svd", ratings, {"n_epochs": 5, "random_state": 0}, scale=SCALE).factors
    rankers = Rankers(factors, ratings)
    one = _one_user(rankers, options.users, options.rounds, has_implicit=has_implicit)
    everyone = _everyone(rankers, options.rounds, has_implicit=has_implicit)
    memory = _memory(rankers)
    shape = (len(factors.user_ids), *factors.title_factors.shape)
    everything = {"shape": shape, "one_user": one, "all_users": everyone, "memory": memory}
    everything["load_before"] = before["load"]
    save("topk", everything, _picture(one), keep=not options.quick)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ratings", type=int, default=2_000_000, help="to fit the model to")
    parser.add_argument("--users", type=int, default=40, help="asked for one by one")
    parser.add_argument("--rounds", type=int, default=3, help="in which all take turns")
    parser.add_argument("--quick", action="store_true", help="a trial run: seconds, small data")
    options = parser.parse_args()
    if options.quick:
        options.ratings, options.users, options.rounds = 100_000, 3, 1
    return options


def _one_user(
    rankers: Rankers, n_users: int, rounds: int, *, has_implicit: bool
) -> dict[str, dict[str, Any]]:
    ways: dict[str, Callable[[int], list[str]]] = {LOOP: rankers.by_loop, BY_HAND: rankers.by_hand}
    if has_implicit:
        ways[IMPLICIT] = rankers.by_implicit
    ways[CARTELERA] = rankers.by_cartelera
    all_users = len(rankers.factors.user_ids)
    users = np.random.default_rng(0).choice(all_users, n_users, replace=False).tolist()
    for way in ways.values():
        way(users[0])  # builds what is built once
    times: Lists = {name: [] for name in ways}
    lists: dict[str, list[list[str]]] = {}
    for _ in range(rounds):
        for name, way in ways.items():
            with _blas_threads(name):
                calls = [timed(way, user) for user in users]
            times[name] += [seconds * 1e3 for seconds, _ in calls]
            lists[name] = [titles for _, titles in calls]
    median = {name: float(np.median(of_way)) for name, of_way in times.items()}
    results = {
        name: {
            "median_ms": median[name],
            "p90_ms": float(np.quantile(times[name], 0.9)),
            "times_faster": median[LOOP] / median[name],
            "equal_lists": sum(map(list.__eq__, lists[name], lists[LOOP])),
        }
        for name in ways
    }
    rows = [
        (
            name,
            f"{result['median_ms']:.2f} ms",
            f"{result['p90_ms']:.2f} ms",
            f"{result['times_faster']:,.0f}x",
            f"{result['equal_lists']} of {n_users}",
        )
        for name, result in results.items()
    ]
    n_titles, n_factors = rankers.factors.title_factors.shape
    title = f"Top {K} of {n_titles:,} titles, {n_factors} factors, for one user"
    show(title, ("way", "median", "90 %", "faster", "same lists as the loop"), rows)
    return results


def _everyone(rankers: Rankers, rounds: int, *, has_implicit: bool) -> dict[str, float]:
    ways = {CARTELERA: rankers.all_by_cartelera}
    if has_implicit:
        ways[IMPLICIT] = rankers.all_by_implicit
    times: Lists = {name: [] for name in ways}
    lists = {}
    for _ in range(rounds):
        for name, way in ways.items():
            with _blas_threads(name):
                seconds, lists[name] = timed(way)
            times[name].append(seconds)
    n_users = len(rankers.factors.user_ids)
    speeds = {name: n_users / float(np.median(of_way)) for name, of_way in times.items()}
    rows = [(name, f"{speed:,.0f}") for name, speed in speeds.items()]
    show(f"Top {K} for all of {n_users:,} users", ("way", "users a second"), rows)
    if has_implicit:
        same = np.mean(np.all(lists[IMPLICIT] == lists[CARTELERA], axis=1))
        say(f"{same:.2%} of the lists are the same")
    return speeds


def _blas_threads(name: str) -> AbstractContextManager[Any]:
    """Keep BLAS to one thread for implicit, as it asks for: it has threads of its own."""
    return threadpool_limits(1, "blas") if name == IMPLICIT else nullcontext()


def _memory(rankers: Rankers) -> dict[int, float]:
    """Measure that memory does not grow with the number of users."""
    n_users = len(rankers.factors.user_ids)
    with tempfile.TemporaryDirectory() as folder:
        rankers.factors.save(Path(folder), {})
        rankers.ratings.to_parquet(Path(folder) / "seen.parquet")
        counts = (n_users // 8, n_users)
        added = {n: in_own_process(_added_mb, Path(folder), n) for n in counts}
    for n, megabytes in added.items():
        say(f"memory that lists for {n:,} users add to the model: {megabytes:,.0f} MB")
    return added


def _added_mb(folder: Path, n_users: int) -> float:
    """Rank for some users; runs in a process of its own."""
    factors, seen = Factors.load(folder), pd.read_parquet(folder / "seen.parquet")
    histories = _histories(factors, seen, factors.user_ids[:n_users])
    forget_peak()
    before = present_mb()
    top_k(RatingOrder(factors), histories, K)
    return peak_mb() - before


def _histories(factors: Factors, ratings: pd.DataFrame, user_ids: NDArray[np.int64]) -> Histories:
    timed_alike = ratings.assign(**{c.TIMESTAMP: 0})
    return Histories.from_frame(timed_alike, factors.title_ids, user_ids)


def _picture(one: dict[str, dict[str, Any]]) -> Figure:
    figure = Figure(figsize=(7, 2.6))
    axes = figure.subplots()
    names = list(one)[::-1]
    colours = [OURS if name == CARTELERA else THEIRS for name in names]
    bars = axes.barh(names, [one[name]["median_ms"] for name in names], color=colours)
    axes.bar_label(bars, fmt=" {:.2f}")
    axes.set(xscale="log", xlabel="ms for one user's ten best titles (median)")
    axes.margins(x=0.15)
    return figure


if __name__ == "__main__":
    main()
