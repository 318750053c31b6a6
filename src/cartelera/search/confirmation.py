"""What was found on the ratings of some users, fitted on all."""

import logging
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from cartelera.search.execution import DrawnTrial, Fit, outcome_of
from cartelera.search.result import SearchResult
from cartelera.search.star_objective import params_of

logger = logging.getLogger(__name__)


def confirm(result: SearchResult, drawn: Mapping[str, Any], fit: Fit) -> SearchResult:
    """Fit the best trial's parameters on all ratings: more of them want another number of epochs.

    Args:
        result: What was found on the ratings of some users.
        drawn: What its best trial drew.
        fit: Fits on all ratings.

    Returns:
        The result with the value and the epochs of that fit; as it was, if the fit diverges.
    """
    trial = DrawnTrial(result.best_trial, drawn, lambda _step, _value: False)
    outcome = outcome_of(fit, trial)
    if outcome.value is None:
        logger.warning("Trial %d diverges on all ratings.", result.best_trial)
        return result
    logger.info(
        "Trial %d on all ratings: %.4f %s.",
        *(result.best_trial, outcome.value, result.measure.unit),
    )
    return replace(result, params=params_of(trial), value=outcome.value)
