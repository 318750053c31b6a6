"""What a search found, without a trace of Optuna or of how long anything took."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import optuna
import pandas as pd
from optuna.trial import FrozenTrial, TrialState

from cartelera.errors import CarteleraError
from cartelera.search.measures import Measure
from cartelera.search.space import Space
from cartelera.search.star_objective import BEST_EPOCH, PARAMS, params_of

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
        measure: What the trials are compared by.
        value: The best trial's value of it.
        best_trial: Its number.
        trials: One row a trial: `trial`, `state`, the measure (of a pruned trial the last point of
            its curve), `best_epoch` and one column a drawn parameter: what it was in the trial,
            missing where a condition kept it out and nothing else said what it is. There is no
            `best_epoch` where fits have no epochs.
        curves: One row a point: `trial`, `step` and the measure, the mean over the folds.
        step: What a step is: `epoch`, or `fold` where fits have no curve.
        importances: Share of each drawn parameter in the variance of the complete trials' values
            (fANOVA, Hutter, Hoos and Leyton-Brown 2014); empty for fewer than four of them, or if
            nothing makes a difference.
        log_scaled: The parameters that are drawn evenly in the logarithm.
    """

    study: str
    params: Mapping[str, Any]
    measure: Measure
    value: float
    best_trial: int
    trials: pd.DataFrame
    curves: pd.DataFrame
    step: str
    importances: Mapping[str, float]
    log_scaled: tuple[str, ...]


def summarise(
    finished: Sequence[FrozenTrial],
    study: optuna.Study,
    space: Space,
    *,
    measure: Measure,
    step: str,
    seed: int,
) -> SearchResult:
    """Sum up finished trials.

    Args:
        finished: In the order of their numbers, without a gap.
        study: Their study.
        space: What they draw from.
        measure: What they are compared by.
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

    # Of equally good trials the first.
    values = {number: trial.values[0] for number, trial in complete}
    best_trial = min(values, key=lambda number: (measure.loss(values[number]), number))
    best = finished[best_trial]
    return SearchResult(
        study=study.study_name,
        params=params_of(best),
        measure=measure,
        value=values[best_trial],
        best_trial=best_trial,
        trials=_trials_table(finished, space, measure),
        curves=_curves_table(finished, measure),
        step=step,
        importances=_importances([trial for _, trial in complete], study, seed),
        log_scaled=tuple(name for name, parameter in space.drawn.items() if parameter.log),
    )


def _trials_table(finished: Sequence[FrozenTrial], space: Space, measure: Measure) -> pd.DataFrame:
    names = [name for name in space.drawn if any(name in trial.params for trial in finished)]
    rows = [
        {
            TRIAL: number,
            STATE: trial.state.name.lower(),
            measure.name: trial.value,
            BEST_EPOCH: trial.user_attrs.get(BEST_EPOCH),
            **{name: trial.user_attrs[PARAMS].get(name) for name in names},
        }
        for number, trial in enumerate(finished)
    ]
    table = pd.DataFrame(rows, columns=[TRIAL, STATE, measure.name, BEST_EPOCH, *names])
    typed = table.astype({measure.name: "float64", BEST_EPOCH: "Int64"})
    return typed if typed[BEST_EPOCH].notna().any() else typed.drop(columns=BEST_EPOCH)


def _curves_table(finished: Sequence[FrozenTrial], measure: Measure) -> pd.DataFrame:
    points = [
        (number, step, value)
        for number, trial in enumerate(finished)
        for step, value in sorted(trial.intermediate_values.items())
    ]
    return pd.DataFrame(points, columns=[TRIAL, STEP, measure.name])


def _importances(
    complete: Sequence[FrozenTrial], study: optuna.Study, seed: int
) -> dict[str, float]:
    if len(complete) < _FEWEST_TRIALS_FOR_IMPORTANCES:
        return {}

    # Brings scikit-learn along, for seconds: stages that only read results do without.
    from optuna.importance import FanovaImportanceEvaluator, get_param_importances

    only_complete = optuna.create_study(direction=study.direction)
    only_complete.add_trials(complete)
    try:
        evaluator = FanovaImportanceEvaluator(seed=seed)
        importances = get_param_importances(only_complete, evaluator=evaluator)
    except (ImportError, RuntimeError):  # without scikit-learn; no variance to explain
        return {}
    return {name: float(share) for name, share in importances.items()}
