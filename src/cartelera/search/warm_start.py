"""Warm start: the first trials of a study repeat what was best in earlier studies of the data."""

import logging
from collections.abc import Mapping
from typing import Any, Final

import optuna
from optuna.storages import BaseStorage
from optuna.study import StudyDirection, StudySummary
from optuna.trial import FrozenTrial, TrialState

from cartelera.search.conditions import Value, holds
from cartelera.search.space import Space
from cartelera.search.star_objective import params_of

logger = logging.getLogger(__name__)

DATA: Final = "cartelera.data"
"""User attribute of a study: the digest of the ratings it learns from."""

WARM_START: Final = "cartelera.warm_start"
"""User attribute of a study: what its first trials draw, in order."""

MOST_REPEATED: Final = 5

_OF_ALL: Final = {"lr_": "lr_all", "reg_": "reg_all"}

Draw = Mapping[str, Value]


def first_draws(
    study: optuna.Study,
    storage: BaseStorage,
    data: str,
    space: Space,
    *,
    warm: bool,
    without: str | None,
) -> list[Draw]:
    """Return what the first trials of a study draw; fixed when the study is made, kept with it.

    Later on other studies may have more trials to tell of: a study that was killed goes on with
    what it began with.

    Args:
        study: The study, just made or loaded.
        storage: Where it and all others are.
        data: Digest of the ratings.
        space: The study's space.
        warm: Whether there is to be a warm start.
        without: A parameter that is not drawn.
    """
    known = study.user_attrs.get(WARM_START)
    if known is not None:
        return known
    study.set_user_attr(DATA, data)
    draws = _best_of_earlier(study, storage, data, space, without) if warm else []
    study.set_user_attr(WARM_START, draws)
    return draws


def _best_of_earlier(
    study: optuna.Study, storage: BaseStorage, data: str, space: Space, without: str | None
) -> list[Draw]:
    """Take the best trial of each study, then the second best, and so on; newest studies first.

    Values of different studies cannot be compared: they may be validated in different ways.
    """
    # Only studies of the same data can be compared by value.
    summaries = [
        summary
        for summary in optuna.get_all_study_summaries(storage)
        if summary.user_attrs.get(DATA) == data
        and summary.direction == study.direction
        and summary.study_name != study.study_name
    ]

    # In turns, so that one study with many good trials does not crowd out the others.
    ranked: list[tuple[int, int, FrozenTrial]] = []
    for age, summary in enumerate(sorted(summaries, key=_begin, reverse=True)):
        earlier = optuna.load_study(study_name=summary.study_name, storage=storage)
        ranked += [(rank, age, trial) for rank, trial in enumerate(_best_trials(earlier))]

    draws: list[Draw] = []
    for _, _, trial in sorted(ranked, key=lambda entry: entry[:2]):
        draw = translated(params_of(trial), space, without)
        if draw and draw not in draws:
            draws.append(draw)

    for number, draw in enumerate(draws[:MOST_REPEATED]):
        logger.info("Warm start: trial %d begins with %s.", number, draw)
    return draws[:MOST_REPEATED]


def translated(params: Mapping[str, Any], space: Space, without: str | None) -> Draw | None:
    """Say what a trial in a space draws to come to the parameters of another trial.

    Args:
        params: All parameters of the other trial. Where it has no rate or regularisation of its own
            for one kind of parameters, that is the one of all; where it has some, there is none of
            all.
        space: The space.
        without: A parameter that is not drawn.

    Returns:
        What is drawn; a parameter the other trial says nothing of is missing. None if one lies
        outside the space.
    """
    values = dict(space.fixed)
    draw: dict[str, Value] = {}

    # In the space's order: whether a parameter is drawn may depend on those before it.
    for name, parameter in space.drawn.items():
        if name == without or not holds(parameter.when, values):
            continue
        value = _value(params, name)
        if value is None:
            continue
        if not parameter.allows(value):
            return None
        values[name] = draw[name] = value
    return draw


def _value(params: Mapping[str, Any], name: str) -> Any:
    prefix = next((prefix for prefix in _OF_ALL if name.startswith(prefix)), None)
    if prefix is None:
        return params.get(name)
    of_all = _OF_ALL[prefix]
    own = {key: value for key, value in params.items() if key.startswith(prefix) and key != of_all}
    if name == of_all:
        has_own = any(value is not None for value in own.values())
        return None if has_own else params.get(of_all)
    return params.get(of_all) if own.get(name) is None else own[name]


def _best_trials(study: optuna.Study) -> list[FrozenTrial]:
    complete = study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,))
    sign = -1 if study.direction == StudyDirection.MAXIMIZE else 1
    by_value = sorted(complete, key=lambda trial: (sign * trial.values[0], trial.number))
    return by_value[:MOST_REPEATED]


def _begin(summary: StudySummary) -> tuple[float, str]:
    begin = summary.datetime_start
    return (0.0 if begin is None else begin.timestamp(), summary.study_name)
