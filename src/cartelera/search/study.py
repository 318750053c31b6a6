"""The search: an Optuna study that a killed run can be followed up on.

What a trial draws depends on the seed, its number and the trials before it alone, so a search that
was killed and goes on ends as an undisturbed one does, if trials are fitted one after the other.
The study's name carries a digest of the data, the settings and the code that fits: change any, and
a fresh study starts.
"""

import logging
import socket
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import optuna
import pandas as pd
from optuna.storages import BaseStorage

from cartelera import columns as c
from cartelera.errors import CarteleraError
from cartelera.models.model_parameters import N_EPOCHS
from cartelera.models.registry import ListModel, find_model
from cartelera.search.components import build_pruner, build_sampler
from cartelera.search.confirmation import confirm
from cartelera.search.execution import Executor, Fit
from cartelera.search.executors import LocalExecutor
from cartelera.search.first_trials import start_draws
from cartelera.search.fits import ThreadedFits, fits_of, parts_of
from cartelera.search.identity import digest_of_ratings, digest_of_study
from cartelera.search.list_objective import RankingObjective
from cartelera.search.observers import Observer
from cartelera.search.result import SearchResult, summarise
from cartelera.search.settings import SearchSettings
from cartelera.search.space import Space, parse_space
from cartelera.search.star_objective import Objective
from cartelera.search.storage import open_storage
from cartelera.search.trials import StudyTrials
from cartelera.search.warm_start import first_draws

logger = logging.getLogger(__name__)


def run_search(
    train: pd.DataFrame,
    settings: SearchSettings,
    storage: str | Path,
    observers: Sequence[Observer] = (),
    executor: Executor | None = None,
) -> SearchResult:
    """Search the best parameters for some ratings, going on where a killed search stopped.

    Args:
        train: As for `Search`.
        settings: Likewise.
        storage: What keeps the trials, see `storage.open_storage`.
        observers: As for `Search.run`.
        executor: Likewise.

    Returns:
        See `Search.run`.

    Raises:
        ConfigError: If the space, sampler or pruner is wrong; before the first trial.
        CarteleraError: If another search drives the study, the storage or the cluster cannot be
            used, or not one trial completes.
    """
    search = Search(train, settings)
    with open_storage(storage, search.name) as opened:
        return search.run(opened, observers, executor)


class Search:
    """A search that is ready to run: its settings are checked, its study has a name.

    Args:
        train: Clean ratings to learn from; they are split further, the test part stays unseen.
        settings: How to search.
        whole: All ratings, where `train` are those of some users: the winner is fitted on them,
            too, to read off its epochs and to say how good it is.

    Raises:
        ConfigError: If the space, sampler or pruner is wrong.
    """

    def __init__(
        self, train: pd.DataFrame, settings: SearchSettings, whole: pd.DataFrame | None = None
    ) -> None:
        self._model = find_model(settings.model)
        self._space = parse_space(settings.space, settings.params, self._model.parameters)
        build_sampler(settings.sampler, settings.seed)
        self._pruner = build_pruner(settings.pruner)
        self._train = train
        self._whole = whole
        self._settings = settings
        self._data = digest_of_ratings(train)
        self.name = _study_name(self._data, settings)

    def run(
        self,
        storage: BaseStorage,
        observers: Sequence[Observer] = (),
        executor: Executor | None = None,
    ) -> SearchResult:
        """Fit what trials are missing.

        Args:
            storage: The study's, open for this search alone.
            observers: Told of every event.
            executor: Who fits the trials; this process if None.

        Returns:
            The best parameters and the trials behind them: the same ones for the same arguments and
            the same earlier studies in the storage, as long as trials are fitted one by one.

        Raises:
            CarteleraError: If the storage or the cluster cannot be used, or not one trial
                completes.
        """
        settings, space = self._settings, self._space
        optuna.logging.set_verbosity(optuna.logging.WARNING)
        study = optuna.create_study(
            storage=storage,
            study_name=self.name,
            pruner=self._pruner,
            direction=settings.measure.direction,
            load_if_exists=True,
        )

        # Trials to begin with: those of earlier studies, else the model's own starting points.
        not_drawn = N_EPOCHS if self._model.step == c.EPOCH else None
        draws = first_draws(
            study, storage, self._data, space, warm=settings.warm_start, without=not_drawn
        )
        if isinstance(self._model, ListModel) and not draws:
            draws = start_draws(space, self._model.starts)
        draw = partial(space.draw, without=not_drawn)
        trials = StudyTrials(study, settings, draws, draw, observers)
        trials.open()
        job = FitJob(self.name, settings, space)

        # Whatever ends the search, no trial is left as running.
        try:
            (executor or LocalExecutor()).run(trials, job, self._train)
        except BaseException:
            trials.abandon()
            raise

        finished = trials.worthwhile()
        result = summarise(
            finished,
            study,
            space,
            measure=settings.measure,
            step=self._model.step,
            seed=settings.seed,
        )

        if self._whole is not None:
            winner = finished[result.best_trial].params
            result = confirm(result, winner, job.prepare(self._whole, None))
        _hint_at_more_epochs(result, space)
        return result


def study_name(train: pd.DataFrame, settings: SearchSettings) -> str:
    """Name the study of some ratings and settings: the name set, and a digest.

    The digest covers what all trials of a study share: ratings, settings, the code that draws and
    fits, and Optuna's version; but not how many trials there are to be.
    """
    return _study_name(digest_of_ratings(train), settings)


def _study_name(ratings_digest: str, settings: SearchSettings) -> str:
    shared = asdict(settings)
    for name in ("study_name", "n_trials", "min_gain"):
        del shared[name]
    model = find_model(settings.model)
    if isinstance(model, ListModel):
        shared |= {"starts": [asdict(point) for point in model.starts]}
    digest = digest_of_study(ratings_digest, shared, decisive_code(settings.model))
    return f"{settings.study_name}-{digest[:8]}"


def decisive_code(model: str) -> tuple[Callable[..., Any], ...]:
    """Return the functions and classes that a model's trials are drawn and fitted by.

    What keeps, watches, distributes, ends or pictures a study may change in the middle of it.
    """
    drawing = (Space, parse_space, build_sampler, build_pruner, first_draws)
    found = find_model(model)
    if isinstance(found, ListModel):
        return (*drawing, RankingObjective, start_draws, found.fit)
    fitting = (fits_of, parts_of, Objective, found.fit)
    return (*drawing, *fitting) if found.code is None else (*drawing, *fitting, found.code)


@dataclass(frozen=True)
class FitJob:
    """How the trials of a study are fitted, see `executors.Job`.

    Attributes:
        name: The study's name.
        settings: How to search.
        space: The study's space.
    """

    name: str
    settings: SearchSettings
    space: Space

    def check(self, train: pd.DataFrame) -> None:
        """Check that here is what the study's name is a digest of: ratings, code and Optuna.

        Raises:
            CarteleraError: If it is not.
        """
        if study_name(train, self.settings) != self.name:
            raise CarteleraError(
                f"The worker {socket.gethostname()} has another version of cartelera or Optuna "
                "than the search: install the same there."
            )

    def prepare(self, train: pd.DataFrame, n_threads: int | None) -> Fit:
        """Split and code the ratings once for all trials.

        Args:
            train: Clean ratings to learn from.
            n_threads: The most threads of a fit; None for as many as there are processors.
        """
        settings = self.settings
        model = find_model(settings.model)
        if isinstance(model, ListModel):
            return RankingObjective.of(model, train, settings, self.space)
        fits = fits_of(model, parts_of(train, settings), settings.scale)
        if n_threads is not None and fits.has_curve:
            fits = ThreadedFits(fits, n_threads)
        return Objective(fits, self.space, settings.patience)


def _hint_at_more_epochs(result: SearchResult, space: Space) -> None:
    used = result.params.get(N_EPOCHS)
    if N_EPOCHS in space.drawn and used == space.drawn[N_EPOCHS].whole_numbers()[-1]:
        logger.warning(
            "The best trial was still improving at epoch %d, the last of search.space.n_epochs: "
            "more may do better.",
            used,
        )
