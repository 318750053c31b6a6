"""The exported model: answers from arrays alone, without the libraries it was fitted with."""

import dataclasses
from collections.abc import Collection
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cartelera.errors import InputError
from cartelera.factorization import fold_in
from cartelera.factorization.fold_in import FoldedUser, Reason, Ridge
from cartelera.factorization.model_arrays import ModelArrays
from cartelera.factorization.recommender import (
    FALLBACK,
    MODEL,
    UNKNOWN,
    Codes,
    Ids,
    Recommendation,
    look_up_pairs,
    look_up_user,
    look_up_users,
)
from cartelera.factorization.scoring import Tastes, TitleScorer
from cartelera.factorization.selection import NO_TITLE, Best, Cells
from cartelera.factorization.similar import SimilarTitle, nearest


class Factors(ModelArrays):
    """A matrix factorisation: `mu + b_u + b_i + q_i . p_u`, or `q_i . p_u` if not biased.

    See `ModelArrays` for its attributes. Answers only read, so threads may share a model.
    """

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
        return look_up_pairs(self._user_index, self._titles.index, user_ids, title_ids)

    def predict_codes(self, users: Codes, titles: Codes) -> NDArray[np.float64]:
        """Predict as `predict` does, from what `codes` found."""
        user_bias = np.where(users == UNKNOWN, 0.0, self.user_bias[users].astype(np.float64))
        known = np.flatnonzero((users != UNKNOWN) & (titles != UNKNOWN))
        estimates = np.where(
            titles == UNKNOWN, self.global_mean + user_bias, self.title_means[titles]
        )
        estimates[known] = self._titles.score_pairs(
            self._offset + user_bias[known], self.user_factors, users[known], titles[known]
        )
        return np.clip(estimates, *self.scale)

    def score_titles(self, user_ids: Ids) -> NDArray[np.float32]:
        """Return the prediction of every title for each user, not clipped: one matrix product.

        Args:
            user_ids: Whole numbers; shape (n,). Unknown users get the titles' shrunken means.

        Returns:
            Scores; shape (n, n_titles).
        """
        return self._titles.score_all(self._tastes(user_ids))

    def recommend(
        self,
        user: int | FoldedUser,
        k: int,
        *,
        allowed: NDArray[np.bool_] | None = None,
        seen: Collection[str] = (),
    ) -> list[Recommendation]:
        """Return the k titles a user would rate highest, best first; equal scores alphabetically.

        Args:
            user: A user's id, or what `fold_in` made of their ratings. Someone of whom the model
                knows nothing gets the titles with the highest shrunken means.
            k: Length of the list; it is shorter only when fewer titles are left.
            allowed: Which titles may be in the list, in the order of `title_ids`; all by default.
            seen: Titles to leave out; those the model does not know do no harm. What a folded-in
                user has rated is left out only if it is given here.

        Raises:
            ValueError: If k is less than 1 or `allowed` does not have one entry a title.
        """
        hidden = self._titles.hidden(k, allowed, seen)
        if isinstance(user, FoldedUser):
            titles, tastes, origin = self._newcomers, self._taste_of(user), user.origin
        else:
            titles = self._titles
            tastes = self._tastes_of(np.array([look_up_user(self._user_index, user)]))
            origin = MODEL if tastes.known[0] else FALLBACK
        best = titles.best(tastes, min(k, len(hidden)), (slice(None), np.flatnonzero(hidden)))
        return [Recommendation(*line, origin) for line in self._listed(best)]

    def best(self, user_ids: Ids, k: int, *hidden: Cells) -> Best:
        """Return the k titles each of some users would rate highest, as `recommend` does for one.

        All are scored at once, which takes n * n_titles numbers; `top_k.top_k` goes block by block.

        Args:
            user_ids: Whole numbers; shape (n,).
            k: Length of a list.
            *hidden: What to leave out of the lists.
        """
        return self._titles.best(self._tastes(user_ids), k, *hidden)

    def fold_in(
        self,
        title_ids: Ids,
        ratings: Ids,
        *,
        reg_bu: float | None = None,
        reg_pu: float | None = None,
    ) -> FoldedUser:
        """Find the bias and factors of a user the model was not fitted with.

        They say how the user departs from somebody like anyone (`newcomer_levels`), and come from a
        ridge regression with constants chosen on users held out (`fold_in.Ridge`, `newcomers`).

        Args:
            title_ids: The rated titles, each once; shape (n,). Those the model does not know are
                ignored, and listed in the answer.
            ratings: In stars; shape (n,).
            reg_bu: Regularisation of the bias, the same for any number of ratings; by default what
                the card says at `fold_in`, or that of `Ridge`.
            reg_pu: The same for the factors.

        Raises:
            InputError: If a title is rated twice or a rating lies outside the scale.
            ValueError: If there are not as many titles as ratings or a regularisation is negative.
        """
        fold_in.check_ratings(title_ids, ratings, self.scale)
        codes = self._titles.codes(title_ids)
        return fold_in.fold_in(
            title_ids,
            ratings,
            known=codes != UNKNOWN,
            title_factors=self.title_factors[codes],
            title_levels=self.newcomer_levels[codes],
            biased=self.biased,
            ridge=self._ridge.but(reg_bu, reg_pu),
        )

    def predict_folded(self, user: FoldedUser, title_ids: Ids) -> NDArray[np.float64]:
        """Predict a folded-in user's ratings as `predict` does a known user's; shape (n,)."""
        titles = self._titles.codes(title_ids)
        tastes = self._taste_of(user)
        if tastes.known[0]:
            same = np.zeros(len(titles), dtype=np.intp)
            estimates = self._newcomers.score_pairs(
                tastes.levels[same], tastes.vectors, same, titles
            )
        else:
            estimates = self.title_means[titles].astype(np.float64)
        estimates[titles == UNKNOWN] = self.global_mean + user.bias
        return np.clip(estimates, *self.scale)

    def explain(self, user: FoldedUser, title_id: str, n: int) -> list[Reason]:
        """Return the ratings that speak most for a title: "because you rated ...".

        Exact for a folded-in user (`FoldedUser.contributions`): all contributions, those that speak
        against the title included, make up the prediction less the title's level
        (`newcomer_levels`). Fold in a known user's ratings to explain their list; what is explained
        then is the fold-in's prediction.

        Args:
            user: What `fold_in` made of the ratings.
            title_id: The title to explain.
            n: How many ratings at most; only those with a positive contribution are given.

        Raises:
            InputError: If the model does not know the title.
        """
        return fold_in.reasons(user, title_id, self.title_factors[self._code(title_id)], n)

    def similar(
        self, title_id: str, k: int, *, allowed: NDArray[np.bool_] | None = None
    ) -> list[SimilarTitle]:
        """Return the k titles most similar to a title, best first; equal ones alphabetically.

        The similarity is the cosine of the titles' factors. Nothing is done about titles with few
        ratings: their factors are still close to where the fit started, at random, so their
        neighbours mean little.

        Args:
            title_id: The title to compare with; it is not in the list.
            k: Length of the list; it is shorter only when fewer titles are left.
            allowed: Which titles may be in the list, in the order of `title_ids`; all by default.

        Raises:
            InputError: If the model does not know the title.
            ValueError: If k is less than 1 or `allowed` does not have one entry a title.
        """
        code = self._code(title_id)
        hidden = self._titles.hidden(k, allowed, [title_id])
        best = nearest(self._titles, code, min(k, len(hidden)), hidden)
        return [SimilarTitle(*line) for line in self._listed(best)]

    @cached_property
    def newcomer_levels(self) -> NDArray[np.float32]:
        """What is expected of each title from a newcomer like anyone, in stars; shape (n_titles,).

        A mean of the prediction for the average user and the title's own mean (`Ridge.level`).
        """
        bias = self._offset + float(self.user_bias.mean(dtype=np.float64))
        taste = self.title_factors @ self.user_factors.mean(axis=0, dtype=np.float64)
        share = self._ridge.level
        levels = share * (bias + self.title_bias + taste) + (1 - share) * self.title_means
        return levels.astype(np.float32)

    @property
    def _offset(self) -> float:
        return self.global_mean if self.biased else 0.0

    @cached_property
    def _ridge(self) -> Ridge:
        return Ridge.of_card(self.card)

    @cached_property
    def _user_index(self) -> "pd.Index[Any]":
        return pd.Index(self.user_ids)

    @cached_property
    def _titles(self) -> TitleScorer:
        return TitleScorer(self.title_ids, self.title_bias, self.title_factors, self.title_means)

    @cached_property
    def _newcomers(self) -> TitleScorer:
        return dataclasses.replace(self._titles, bias=self.newcomer_levels)

    def _tastes(self, user_ids: Ids) -> Tastes:
        return self._tastes_of(look_up_users(self._user_index, user_ids))

    def _tastes_of(self, users: Codes) -> Tastes:
        levels = self._offset + self.user_bias[users].astype(np.float64)
        return Tastes(levels, self.user_factors[users], users != UNKNOWN)

    def _taste_of(self, user: FoldedUser) -> Tastes:
        levels = np.array([user.bias])  # mu and b_i are in the titles' levels
        return Tastes(levels, user.factors[np.newaxis], np.array([user.origin != FALLBACK]))

    def _code(self, title_id: str) -> int:
        code = self._titles.positions.get(title_id)
        if code is None:
            raise InputError(f"the model has no title {title_id!r}: ask for one somebody rated.")
        return code

    def _listed(self, best: Best) -> list[tuple[str, float]]:
        return [
            (str(self.title_ids[code]), float(score))
            for code, score in zip(best.positions[0], best.scores[0], strict=True)
            if code != NO_TITLE
        ]
