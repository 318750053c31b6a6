"""The exported model: arrays and ids, nothing that needs the libraries it was fitted with."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cartelera.factorization import model_files
from cartelera.factorization.recommender import (
    FALLBACK,
    MODEL,
    UNKNOWN,
    Codes,
    Ids,
    Recommendation,
    best_first,
    look_up_pairs,
    look_up_users,
)

_PAIRS_AT_ONCE = 1 << 16
"""Bounds the memory of `predict`: so many rows of factors are copied at a time."""


@dataclass(frozen=True, eq=False)
class Factors:
    """A matrix factorisation: `mu + b_u + b_i + q_i . p_u`, or `q_i . p_u` if not biased.

    Attributes:
        global_mean: mu, the mean of all ratings, in stars.
        user_bias: b_u, float32; shape (n_users,).
        title_bias: b_i, float32; shape (n_titles,).
        user_factors: p_u, float32; shape (n_users, n_factors).
        title_factors: q_i, float32; shape (n_titles, n_factors).
        user_ids: Shape (n_users,).
        title_ids: Strings; shape (n_titles,).
        title_means: What stands in for a user the model does not know: each title's mean rating
            drawn towards mu (`recommender.shrunken_means`), float32; shape (n_titles,).
        scale: Lowest and highest rating, in stars.
        biased: Whether mu, b_u and b_i are part of the model.
        card: The model card a loaded model came with.

    Raises:
        ValueError: If shapes or types do not fit together or a number is not finite.
    """

    global_mean: float
    user_bias: NDArray[np.float32]
    title_bias: NDArray[np.float32]
    user_factors: NDArray[np.float32]
    title_factors: NDArray[np.float32]
    user_ids: NDArray[np.int64]
    title_ids: NDArray[np.object_]
    title_means: NDArray[np.float32]
    scale: tuple[float, float]
    biased: bool = True
    card: Mapping[str, Any] = field(default_factory=dict[str, Any])

    def __post_init__(self) -> None:
        n_users, n_titles = len(self.user_ids), len(self.title_ids)
        if self.user_factors.ndim != 2 or not n_users or not n_titles:
            raise ValueError("a model has at least one user and one title, and a matrix of factors")
        n_factors = self.user_factors.shape[1]
        shapes = {
            "user_bias": (n_users,),
            "title_bias": (n_titles,),
            "user_factors": (n_users, n_factors),
            "title_factors": (n_titles, n_factors),
            "title_means": (n_titles,),
        }
        for name, shape in shapes.items():
            array: NDArray[Any] = getattr(self, name)
            if array.shape != shape or array.dtype != np.float32:
                raise ValueError(
                    f"{name} is {array.dtype} of shape {array.shape}, not float32 of shape {shape}"
                )
            if not np.isfinite(array).all():
                raise ValueError(f"{name} has a number that is NaN or infinite")
        if not np.isfinite(self.global_mean):
            raise ValueError("global_mean is NaN or infinite")

    def predict(self, user_ids: Ids, title_ids: Ids) -> NDArray[np.float64]:
        """Predict ratings in stars, clipped into the scale.

        A pair whose user is unknown gets the title's shrunken mean, a pair whose title is unknown
        the user's level `mu + b_u`, and when both are unknown mu; `origin` tells which pairs those
        are.

        Args:
            user_ids: Whole numbers; shape (n,).
            title_ids: Strings; shape (n,).

        Returns:
            Ratings; shape (n,).

        Raises:
            TypeError: If the user ids are not whole numbers.
            ValueError: If there are not as many users as titles.
        """
        return self.predict_codes(*self.codes(user_ids, title_ids))

    def origin(self, user_ids: Ids, title_ids: Ids) -> NDArray[np.str_]:
        """Tell for each pair whether `predict` answers from the `model` or by `fallback`."""
        users, titles = self.codes(user_ids, title_ids)
        is_known = (users != UNKNOWN) & (titles != UNKNOWN)
        return np.where(is_known, MODEL, FALLBACK)

    def codes(self, user_ids: Ids, title_ids: Ids) -> tuple[Codes, Codes]:
        """Look up the row of each pair's user and title, `UNKNOWN` where there is none."""
        return look_up_pairs(self._user_index, self._title_index, user_ids, title_ids)

    def predict_codes(self, users: Codes, titles: Codes) -> NDArray[np.float64]:
        """Predict as `predict` does, from what `codes` found."""
        user_bias, title_bias = self.user_bias.astype(np.float64), self.title_bias
        user_levels = self.global_mean + np.where(users == UNKNOWN, 0.0, user_bias[users])
        estimates = np.where(titles == UNKNOWN, user_levels, self.title_means[titles])
        known = np.flatnonzero((users != UNKNOWN) & (titles != UNKNOWN))
        for start in range(0, len(known), _PAIRS_AT_ONCE):
            rows = known[start : start + _PAIRS_AT_ONCE]
            u, i = users[rows], titles[rows]
            dots = np.einsum("nf,nf->n", self.user_factors[u], self.title_factors[i])
            estimates[rows] = self._offset + user_bias[u] + title_bias[i] + dots
        return np.clip(estimates, *self.scale)

    def score_titles(self, user_ids: Ids) -> NDArray[np.float32]:
        """Give the prediction of every title for each user, not clipped: one matrix product.

        Args:
            user_ids: Whole numbers; shape (n,). Unknown users get the titles' shrunken means.

        Returns:
            Scores; shape (n, n_titles).
        """
        users = look_up_users(self._user_index, user_ids)
        scores = self.user_factors[users] @ self.title_factors.T
        scores += self.title_bias
        scores += (self._offset + self.user_bias[users])[:, np.newaxis]
        scores[users == UNKNOWN] = self.title_means
        return scores

    def recommend(
        self,
        user_id: int,
        k: int,
        *,
        allowed: NDArray[np.bool_] | None = None,
        seen: Collection[str] = (),
    ) -> list[Recommendation]:
        """Give the k titles a user would rate highest, best first; equal scores alphabetically.

        Args:
            user_id: A user; an unknown one gets the titles with the highest shrunken means.
            k: Length of the list; it is shorter only when fewer titles are left.
            allowed: Which titles may be in the list, in the order of `title_ids`; all by default.
            seen: Titles to leave out; those the model does not know do no harm.

        Raises:
            ValueError: If k is less than 1 or `allowed` does not have one entry a title.
        """
        if k < 1:
            raise ValueError(f"k={k}: a list has at least 1 title.")
        if allowed is None:
            allowed = np.ones(len(self.title_ids), dtype=np.bool_)
        if allowed.shape != self.title_ids.shape or allowed.dtype != np.bool_:
            raise ValueError(
                f"allowed is not one boolean for each of {len(self.title_ids)} titles."
            )
        scores = self.score_titles([user_id])[0]
        unseen = allowed & ~self._title_index.isin(list(seen))
        origin = MODEL if user_id in self._user_index else FALLBACK
        return [
            Recommendation(str(self.title_ids[code]), float(scores[code]), origin)
            for code in best_first(scores, self.title_ids, k, unseen)
        ]

    def save(self, folder: Path, card: Mapping[str, Any]) -> None:
        """Write the model into a folder: arrays, ids and a model card, nothing executable.

        Args:
            folder: Made if need be; the model's own files in it are replaced.
            card: What else the model card should say: JSON values.

        Raises:
            ValueError: If the card has a key the model writes itself.
        """
        numbers = {"global_mean": self.global_mean, "scale": self.scale, "biased": self.biased}
        arrays = {name: getattr(self, name) for name in model_files.ARRAYS}
        model_files.write(folder, arrays, self.user_ids, self.title_ids, numbers, card)

    @classmethod
    def load(cls, folder: Path) -> "Factors":
        """Read a model that `save` wrote. Nothing in the folder is ever executed or unpickled.

        Raises:
            InputError: If a file is missing, damaged, altered, or written by a newer version; the
                message names the file and the fix.
        """
        content = model_files.read(folder)
        try:
            return cls(
                **content.arrays,
                user_ids=content.user_ids,
                title_ids=content.title_ids,
                global_mean=float(content.card["global_mean"]),
                scale=(float(content.card["scale"][0]), float(content.card["scale"][1])),
                biased=bool(content.card["biased"]),
                card=content.card,
            )
        except (KeyError, IndexError, TypeError, ValueError) as error:
            raise model_files.unusable(folder, str(error)) from error

    @property
    def _offset(self) -> float:
        return self.global_mean if self.biased else 0.0

    @cached_property
    def _user_index(self) -> "pd.Index[Any]":
        return pd.Index(self.user_ids)

    @cached_property
    def _title_index(self) -> "pd.Index[Any]":
        return pd.Index(self.title_ids, dtype=object)
