"""Forward selection: which models to average, those good together rather than good alone."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray


def select_for_average(
    predictions: Sequence[ArrayLike], truth: ArrayLike, most: int
) -> tuple[int, ...]:
    """Choose models one by one, each time the one that lowers the average's error most.

    Models of a search that are best alone have much the same parameters, and err alike; a weaker
    one that errs elsewhere takes away more of their error. (Forward selection: Caruana,
    Niculescu-Mizil, Crew and Ksikes, Ensemble selection from libraries of models, 2004; here
    without taking a model twice.)

    Args:
        predictions: Of each model on validation ratings, in stars; each of shape (n,).
        truth: The validation ratings; shape (n,).
        most: The most models to choose.

    Returns:
        Positions of the chosen models in the order they were chosen; the first is the best alone.
        There are fewer than `most` if no further model lowers the error.

    Raises:
        ValueError: If there are no models, or shapes differ.

    Examples:
        >>> too_low, too_high, hopeless = [3.0, 3.0], [5.5, 5.5], [0.5, 0.5]
        >>> select_for_average([hopeless, too_high, too_low], [4.0, 4.0], most=3)
        (2, 1)
    """
    if not predictions or most < 1:
        raise ValueError("there are no models to choose from, or none is to be chosen.")

    errors = np.asarray(predictions, dtype=np.float64) - np.asarray(truth, dtype=np.float64)
    chosen: list[int] = []
    total = np.zeros(errors.shape[1])
    lowest = np.inf

    # Errors add up, so that an average's error needs no new predictions.
    while len(chosen) < min(most, len(errors)):
        squared = _mean_squares((total + errors) / (len(chosen) + 1))
        squared[chosen] = np.inf
        best = int(np.argmin(squared))
        if squared[best] >= lowest:
            break
        lowest = squared[best]
        chosen.append(best)
        total += errors[best]

    return tuple(chosen)


def _mean_squares(errors: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.mean(np.square(errors), axis=1)
