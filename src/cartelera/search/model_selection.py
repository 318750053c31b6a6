"""Model selection: the best trial's model, or a blend where that is clearly better.

Three blends are tried: of the best trials, of the best trial fitted from several seeds, and of
trials that are good together.
"""

import dataclasses
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd

from cartelera import columns as c
from cartelera.errors import InputError
from cartelera.evaluation.metrics.rmse import rmse
from cartelera.factorization.blend import MEMBERS, PARAMS, blend
from cartelera.factorization.factors import Factors
from cartelera.factorization.parameters import PARAMETER_NAMES
from cartelera.models.model_parameters import N_EPOCHS
from cartelera.models.registry import fit_factors
from cartelera.search.forward_selection import select_for_average
from cartelera.search.result import COMPLETE, STATE, TRIAL
from cartelera.search.star_objective import BEST_EPOCH

logger = logging.getLogger(__name__)

OF_TRIALS: Final = "trials"
OF_SEEDS: Final = "seeds"
TOGETHER: Final = "trials that go together"

POOL: Final = 6
"""So many trials for each place in a blend are asked whether they go together."""

_RANDOM_STATE = "random_state"
_SEEDS = 2**32
_TRIAL_COLUMNS = (TRIAL, STATE, c.VALID_RMSE, BEST_EPOCH)


@dataclass(frozen=True)
class Member:
    """A trial to fit a model of.

    Attributes:
        trial: Its number.
        params: All parameters of the fit.
    """

    trial: int
    params: Mapping[str, Any]


@dataclass(frozen=True)
class Blend:
    """A blend that was tried.

    Attributes:
        of: What its members differ in besides their seeds: `trials`, `trials that go together`, or
            `seeds` for nothing.
        members: The best trial and others.
        rmse: Its validation RMSE, in stars.
    """

    of: str
    members: tuple[Member, ...]
    rmse: float


@dataclass(frozen=True)
class Choice:
    """What ships, and why.

    Attributes:
        members: The trials: one for a single model, several for a blend.
        curve: The learning curve of the best trial on the validation part.
        single_rmse: Validation RMSE of the best trial's model, in stars.
        blends: The blends that were tried, the better ones first.
    """

    members: tuple[Member, ...]
    curve: pd.DataFrame
    single_rmse: float
    blends: tuple[Blend, ...]

    @property
    def rmse(self) -> float:
        """Validation RMSE of what ships, in stars."""
        return self.single_rmse if len(self.members) == 1 else self.blends[0].rmse


@dataclass(frozen=True)
class Fitter:
    """Fits members.

    Attributes:
        model: Which implementation: `svd` or `surprise_svd`.
        scale: Lowest and highest rating, in stars.
        on_fit: Called after each fit.
    """

    model: str
    scale: tuple[float, float]
    on_fit: Callable[[], None] = lambda: None

    def fit(self, members: Sequence[Member], ratings: pd.DataFrame) -> Factors:
        """Fit one member's model, or the blend of several."""
        models = [self._fit_one(member, ratings)[0] for member in members]
        if len(models) == 1:
            return models[0]
        blended = blend(models)
        entries = [
            {TRIAL: member.trial, **entry}
            for member, entry in zip(members, blended.card[MEMBERS], strict=True)
        ]
        return dataclasses.replace(blended, card={MEMBERS: entries})

    def choose(
        self,
        best: Member,
        blends: Mapping[str, Sequence[Member]],
        train: pd.DataFrame,
        valid: pd.DataFrame,
        margin: float,
        *,
        pool: Sequence[Member] = (),
        most: int = 1,
    ) -> Choice:
        """Take the best blend if it beats the best trial's model on validation ratings.

        The best trial was chosen by its error on these ratings, and so are trials that go together:
        the more there are to choose from, the more the margin has to make up for.

        Args:
            best: The best trial.
            blends: By what their members differ in, the members of each blend to try, the best
                trial being the first of them.
            train: The part of train to fit on.
            valid: The rest of train, to validate with; never the test part.
            margin: By how much the blend's RMSE must be lower, in stars.
            pool: Trials, the best one first, among which to look for some that go together; their
                models are in memory all at once, and blends take theirs from there.
            most: How many of them at most.
        """
        single, curve = self._fit_one(best, train, valid)
        single_rmse = _rmse(single, valid)
        models = [single, *(self._fit_one(member, train)[0] for member in pool[1:])]

        # A model of the pool is fitted once, in however many blends it is.
        tried: list[Blend] = []
        for of, members in blends.items():
            others = [
                models[pool.index(member)] if member in pool else self._fit_one(member, train)[0]
                for member in members[1:]
            ]
            tried.append(Blend(of, tuple(members), _rmse(blend([single, *others]), valid)))

        if together := _together(pool, models, valid, most):
            tried.append(together)

        # A blend has to be better by the margin: it costs as many fits as it has members.
        tried.sort(key=lambda one: one.rmse)
        wins = bool(tried) and tried[0].rmse < single_rmse - margin

        for one in tried:
            logger.info(
                "The blend of %d %s has a validation RMSE of %.4f, the single model %.4f.",
                len(one.members),
                one.of,
                one.rmse,
                single_rmse,
            )

        return Choice(tried[0].members if wins else (best,), curve, single_rmse, tuple(tried))

    def _fit_one(
        self, member: Member, ratings: pd.DataFrame, valid: pd.DataFrame | None = None
    ) -> tuple[Factors, pd.DataFrame]:
        fitted = fit_factors(self.model, ratings, member.params, scale=self.scale, valid=valid)
        self.on_fit()
        card = {PARAMS: dict(member.params)}
        return dataclasses.replace(fitted.factors, card=card), fitted.curve


def best_members(best: Mapping[str, Any], trials: pd.DataFrame, n: int) -> tuple[Member, ...]:
    """List the n best trials of a search, the best first, each with a seed of its own.

    Args:
        best: `trial` and `params` of the best one, as the search wrote them.
        trials: The table of all trials; of the other ones the drawn parameters and the number of
            epochs are read there, what all share from the best one's parameters.
        n: How many at most; fewer if fewer are complete.

    Raises:
        InputError: If the table lacks a column or the best trial.
    """
    first = Member(int(best[TRIAL]), dict(best[PARAMS]))
    if n == 1:
        return (first,)
    if missing := [name for name in _TRIAL_COLUMNS if name not in trials.columns]:
        raise InputError(f"the table of trials lacks {', '.join(missing)}: run the search anew.")

    complete = trials[trials[STATE] == COMPLETE].sort_values([c.VALID_RMSE, TRIAL])
    if first.trial not in complete[TRIAL].tolist():
        raise InputError(f"the table of trials lacks trial {first.trial}, the best: search anew.")

    # What the search did not draw is the same for all; seeds differ, or a blend averages nothing.
    drawn = [name for name in trials.columns if name in PARAMETER_NAMES]
    shared = {name: value for name, value in first.params.items() if name not in drawn}
    seed = first.params.get(_RANDOM_STATE) or 0
    others = complete[complete[TRIAL] != first.trial].convert_dtypes()
    members = [first]

    for place, row in enumerate(others.head(n - 1).to_dict(orient="records"), start=1):
        own = {name: row[name] for name in drawn if not pd.isna(row[name])}
        params = {
            **shared,
            **own,
            N_EPOCHS: int(row[BEST_EPOCH]),
            _RANDOM_STATE: (seed + place) % _SEEDS,
        }
        members.append(Member(int(row[TRIAL]), params))

    return tuple(members)


def other_seeds(best: Member, n: int) -> tuple[Member, ...]:
    """List the best trial n times, each with a seed of its own."""
    seed = best.params.get(_RANDOM_STATE) or 0
    others = ((seed + place) % _SEEDS for place in range(1, n))
    return (
        best,
        *(Member(best.trial, {**best.params, _RANDOM_STATE: other}) for other in others),
    )


def blends_to_try(pool: Sequence[Member], n: int) -> Mapping[str, Sequence[Member]]:
    """List the blends of given members to try, by what these differ in; none if n is 1."""
    if n == 1:
        return {}
    by_seed = {OF_SEEDS: other_seeds(pool[0], n)}
    return {OF_TRIALS: pool[:n], **by_seed} if len(pool) > 1 else by_seed


def _together(
    pool: Sequence[Member], models: Sequence[Factors], valid: pd.DataFrame, most: int
) -> Blend | None:
    if not pool:
        return None
    predictions = [model.predict(valid[c.USER_ID], valid[c.TITLE_ID]) for model in models]
    chosen = select_for_average(predictions, valid[c.RATING].to_numpy(), most)
    if len(chosen) == 1:
        return None
    blended = blend([models[position] for position in chosen])
    return Blend(TOGETHER, tuple(pool[position] for position in chosen), _rmse(blended, valid))


def _rmse(model: Factors, valid: pd.DataFrame) -> float:
    return rmse(valid[c.RATING], model.predict(valid[c.USER_ID], valid[c.TITLE_ID]))
