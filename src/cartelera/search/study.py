"""The search: an Optuna study that a killed run can be followed up on.

What a trial draws depends on the seed, its number and the trials before it alone, so a search that
was killed and goes on ends as an undisturbed one does. The study's name carries a digest of the
data, the settings and the code that fits: change any, and a fresh study starts.
"""

import hashlib
import importlib
import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import optuna
import pandas as pd
from optuna.trial import FrozenTrial, TrialState

from cartelera import files
from cartelera.search.components import build_pruner, build_sampler, draw_seed
from cartelera.search.objective import BEST_EPOCH, Objective, Part, folds, hold_out
from cartelera.search.observers import FinishedTrial, Observer
from cartelera.search.result import SearchResult, summarise
from cartelera.search.space import N_EPOCHS, Space, parse_space
from cartelera.search.storage import journal

logger = logging.getLogger(__name__)

_FINISHED: Final = (TrialState.COMPLETE, TrialState.PRUNED)


@dataclass(frozen=True, kw_only=True)
class SearchSettings:
    """All that decides how a search goes.

    Attributes:
        study_name: First part of the study's name.
        n_trials: Complete or pruned trials the study ends with.
        objective: `holdout` or `kfold`.
        n_folds: Number of folds (kfold).
        valid_fraction: Share of the ratings to validate with (holdout).
        split_method: How the hold-out is parted: as train and test were.
        n_last: Ratings of each user to validate with (leave_last_n).
        seed: Seed of the draws and of the validation split.
        sampler: Import path (`_target_`) and arguments of an Optuna sampler.
        pruner: Import path (`_target_`) and arguments of an Optuna pruner.
        space: The search space as data, see `space`.
        model: Which implementation fits: `svd` or `surprise_svd`.
        params: The model's own parameters, where the space is silent.
        scale: Lowest and highest rating, in stars.
        patience: Epochs without a new lowest point after which a fit ends.
    """

    study_name: str
    n_trials: int
    objective: str
    n_folds: int
    valid_fraction: float
    split_method: str
    n_last: int
    seed: int
    sampler: Mapping[str, Any]
    pruner: Mapping[str, Any]
    space: Mapping[str, Any]
    model: str
    params: Mapping[str, Any]
    scale: tuple[float, float]
    patience: int


def run_search(
    train: pd.DataFrame,
    settings: SearchSettings,
    storage: Path,
    observers: Sequence[Observer] = (),
) -> SearchResult:
    """Search the best parameters for some ratings, going on where a killed search stopped.

    Args:
        train: Clean ratings to learn from; they are parted further, the test part stays unseen.
        settings: How to search.
        storage: The journal that keeps the trials.
        observers: Told of every event.

    Returns:
        The best parameters and the trials behind them: the same ones for the same arguments.

    Raises:
        ConfigError: If the space, sampler or pruner is wrong; before the first trial.
        CarteleraError: If another search has the journal open, or not one trial completes.
    """
    space = parse_space(settings.space, settings.params)
    build_sampler(settings.sampler, settings.seed)
    pruner = build_pruner(settings.pruner)
    parts = _parts(train, settings)
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    with journal(storage) as opened:
        study = optuna.create_study(
            storage=opened,
            study_name=study_name(train, settings),
            pruner=pruner,
            load_if_exists=True,
        )
        _bury_dead_trials(study)
        _run_trials(study, parts, space, settings, observers)
        result = summarise(_finished(study)[: settings.n_trials], study, space, settings.seed)
    _hint_at_more_epochs(result, space)
    return result


def study_name(train: pd.DataFrame, settings: SearchSettings) -> str:
    """Name the study of some ratings and settings: the name set, and a digest.

    The digest covers what all trials of a study share: ratings, settings but the number of trials,
    which may grow, the code that fits and searches, and Optuna's version.
    """
    shared = asdict(settings)
    del shared["study_name"], shared["n_trials"]
    identity = [
        _frame_digest(train),
        _code_digest("cartelera.factorization", "cartelera.search"),
        version("optuna"),
        shared,
    ]
    return f"{settings.study_name}-{_digest(identity)[:8]}"


def _run_trials(
    study: optuna.Study,
    parts: Sequence[Part],
    space: Space,
    settings: SearchSettings,
    observers: Sequence[Observer],
) -> None:
    finished = _finished(study)[: settings.n_trials]
    if finished:
        logger.info("Study %s goes on after %d trials.", study.study_name, len(finished))
    for observer in observers:
        observer.study_opened(study.study_name, len(finished), settings.n_trials)
    for number, trial in enumerate(finished):
        _tell_finished(observers, number, trial)
    for number in range(len(finished), settings.n_trials):
        study.sampler = build_sampler(settings.sampler, draw_seed(settings.seed, number))
        for observer in observers:
            observer.trial_started(number)

        def tell_epoch(step: int, valid_rmse: float, number: int = number) -> None:
            for observer in observers:
                observer.epoch(number, step, valid_rmse)

        objective = Objective(
            parts=parts,
            space=space,
            model=settings.model,
            scale=settings.scale,
            patience=settings.patience,
            on_epoch=tell_epoch,
        )
        study.optimize(objective, n_trials=1)
        _tell_finished(observers, number, _finished(study)[number])


def _tell_finished(observers: Sequence[Observer], number: int, trial: FrozenTrial) -> None:
    finished = FinishedTrial(
        number=number,
        state=trial.state.name.lower(),
        valid_rmse=trial.value,
        best_epoch=trial.user_attrs.get(BEST_EPOCH),
        params=trial.params,
        curve=trial.intermediate_values,
    )
    for observer in observers:
        observer.trial_finished(finished)


def _hint_at_more_epochs(result: SearchResult, space: Space) -> None:
    used = result.params[N_EPOCHS]
    if N_EPOCHS in space.drawn and used == space.drawn[N_EPOCHS].whole_numbers()[-1]:
        logger.warning(
            "The best trial was still improving at epoch %d, the last of search.space.n_epochs: "
            "more may do better.",
            used,
        )


def _bury_dead_trials(study: optuna.Study) -> None:
    """Mark what a killed search left running as failed; its draw is repeated by number."""
    for trial in study.get_trials(deepcopy=False, states=(TrialState.RUNNING,)):
        study.tell(trial.number, state=TrialState.FAIL)


def _finished(study: optuna.Study) -> list[FrozenTrial]:
    return study.get_trials(deepcopy=False, states=_FINISHED)


def _parts(train: pd.DataFrame, settings: SearchSettings) -> tuple[Part, ...]:
    if settings.objective == "kfold":
        return folds(train, n_folds=settings.n_folds, seed=settings.seed)
    part = hold_out(
        train,
        method=settings.split_method,
        valid_fraction=settings.valid_fraction,
        n_last=settings.n_last,
        seed=settings.seed,
    )
    return (part,)


def _frame_digest(frame: pd.DataFrame) -> str:
    digest = hashlib.sha256(",".join(frame.columns).encode())
    digest.update(pd.util.hash_pandas_object(frame, index=False).to_numpy().tobytes())
    return digest.hexdigest()


def _code_digest(*packages: str) -> str:
    return files.digest_of(
        {
            f"{package}/{path.name}": path
            for package in packages
            for folder in importlib.import_module(package).__path__
            for path in Path(folder).glob("*.py")
        }
    )


def _digest(content: Any) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
