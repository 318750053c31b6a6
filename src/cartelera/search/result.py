"""What a search found, without a trace of Optuna or of how long anything took."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import optuna
import pandas as pd
from optuna.importance import FanovaImportanceEvaluator, get_param_importances
from optuna.trial import FrozenTrial, TrialState

from cartelera import columns as c
from cartelera.errors import CarteleraError
from cartelera.search.objective import BEST_EPOCH, PARAMS
from cartelera.search.space import N_EPOCHS, Space

TRIAL: Final = "trial"
STATE: Final = "state"
STEP: Final = "step"
COMPLETE: Final = "complete"

_FEWEST_TRIALS_FOR_IMPORTANCES: Final = 4


@dataclass(frozen=True)
class SearchResult:
    """The outcome of a search.

    Attributes:
        study: The study's name, digest included.
        params: All parameters of the best trial, ready for a fit: drawn and fixed ones and the
            number of epochs.
        valid_rmse: The best trial's validation RMSE, in stars.
        best_trial: Its number.
        trials: One row a trial: `trial`, `state`, `valid_rmse` (of a pruned trial the last point of
            its curve), `best_epoch` and one column a drawn parameter: what it was in the trial,
            missing where a condition kept it out and nothing else said what it is.
        curves: One row a point: `trial`, `step`, `valid_rmse`, the mean over the folds.
        step: What a step is: `epoch`, or `fold` where fits have no curve.
        importances: Share of each drawn parameter in the variance of the complete trials' values
            (fANOVA, Hutter, Hoos and Leyton-Brown 2014); empty for fewer than four of them, or if
            nothing makes a difference.
        log_scaled: The parameters that are drawn evenly in the logarithm.
    """

    study: str
    params: Mapping[str, Any]
    valid_rmse: float
    best_trial: int
    trials: pd.DataFrame
    curves: pd.DataFrame
    step: str
    importances: Mapping[str, float]
    log_scaled: tuple[str, ...]


def summarise(
    finished: Sequence[FrozenTrial], study: optuna.Study, space: Space, *, step: str, seed: int
) -> SearchResult:
    """Sum up finished trials.

    Args:
        finished: In the order of their numbers, without a gap.
        study: Their study.
        space: What they draw from.
        step: What a step of their curves is.
        seed: Seed of the importances.

    Raises:
        CarteleraError: If not one trial is complete.
    """
    complete = [
        (number, trial)
        for number, trial in enumerate(finished)
        if trial.state == TrialState.COMPLETE
    ]
    if not complete:
        raise CarteleraError(
            f"None of the {len(finished)} trials completed: lower the learning rates in "
            "search.space, or set a pruner that prunes less."
        )
    values = {number: trial.values[0] for number, trial in complete}
    best_trial = min(values, key=lambda number: (values[number], number))
    best = finished[best_trial]
    return SearchResult(
        study=study.study_name,
        params={**best.user_attrs[PARAMS], N_EPOCHS: best.user_attrs[BEST_EPOCH]},
        valid_rmse=values[best_trial],
        best_trial=best_trial,
        trials=_trials_table(finished, space),
        curves=_curves_table(finished),
        step=step,
        importances=_importances([trial for _, trial in complete], study, seed),
        log_scaled=tuple(name for name, parameter in space.drawn.items() if parameter.log),
    )


def _trials_table(finished: Sequence[FrozenTrial], space: Space) -> pd.DataFrame:
    names = [name for name in space.drawn if any(name in trial.params for trial in finished)]
    rows = [
        {
            TRIAL: number,
            STATE: trial.state.name.lower(),
            c.VALID_RMSE: trial.value,
            BEST_EPOCH: trial.user_attrs.get(BEST_EPOCH),
            **{name: trial.user_attrs[PARAMS].get(name) for name in names},
        }
        for number, trial in enumerate(finished)
    ]
    table = pd.DataFrame(rows, columns=[TRIAL, STATE, c.VALID_RMSE, BEST_EPOCH, *names])
    return table.astype({c.VALID_RMSE: "float64", BEST_EPOCH: "Int64"})


def _curves_table(finished: Sequence[FrozenTrial]) -> pd.DataFrame:
    points = [
        (number, step, rmse)
        for number, trial in enumerate(finished)
        for step, rmse in sorted(trial.intermediate_values.items())
    ]
    return pd.DataFrame(points, columns=[TRIAL, STEP, c.VALID_RMSE])


def _importances(
    complete: Sequence[FrozenTrial], study: optuna.Study, seed: int
) -> dict[str, float]:
    if len(complete) < _FEWEST_TRIALS_FOR_IMPORTANCES:
        return {}
    only_complete = optuna.create_study(direction=study.direction)
    only_complete.add_trials(complete)
    try:
        evaluator = FanovaImportanceEvaluator(seed=seed)
        importances = get_param_importances(only_complete, evaluator=evaluator)
    except (ImportError, RuntimeError):  # without scikit-learn; no variance to explain
        return {}
    return {name: float(share) for name, share in importances.items()}
