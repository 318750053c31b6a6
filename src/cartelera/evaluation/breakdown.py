"""Where a model errs: by predicted stars, kinds of users, and the title's popularity."""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cartelera import columns as c
from cartelera.evaluation.comparison import MODEL, Comparison
from cartelera.evaluation.metrics.ndcg import NDCG
from cartelera.evaluation.metrics.rmse import RMSE, rmse

PREDICTED: Final = "predicted"
TRUE: Final = "true"
LOW_QUARTILE: Final = "true_q25"
HIGH_QUARTILE: Final = "true_q75"
N_RATINGS: Final = "n_ratings"
N_USERS: Final = "n_users"
GROUP: Final = "group"

_CALIBRATION_BINS = 10
_GROUPS = 5
_MOST_GROUPS = 6


def calibration(test: pd.DataFrame, comparison: Comparison) -> pd.DataFrame:
    """Set true beside predicted stars, in bins of about as many ratings each.

    Args:
        test: Held-out ratings the comparison was made on; column rating.
        comparison: Its first model's predictions are taken.

    Returns:
        One row a bin, by predicted stars: mean predicted, mean true, the quartiles of true, the
        number of ratings.
    """
    rows = pd.DataFrame(
        {
            PREDICTED: comparison.predictions[comparison.first],
            TRUE: test[c.RATING].to_numpy(dtype=np.float64),
        }
    )

    # As many ratings in each bin, so that no mean is of a handful.
    bins = rows.groupby(_equal_parts(rows[PREDICTED].to_numpy(), _CALIBRATION_BINS))
    table = bins.mean()
    table[LOW_QUARTILE] = bins[TRUE].quantile(0.25)
    table[HIGH_QUARTILE] = bins[TRUE].quantile(0.75)
    table[N_RATINGS] = bins.size()
    return table.reset_index(drop=True)


def rmse_by_activity(
    train: pd.DataFrame, test: pd.DataFrame, comparison: Comparison
) -> pd.DataFrame:
    """Return each model's RMSE for users with few to many ratings in train.

    Args:
        train: What the models were fitted on.
        test: Held-out ratings the comparison was made on.
        comparison: What the models predicted.

    Returns:
        One row for a group of users and a model: the group as a range of ratings in train, the
        model, its RMSE in stars, the number of held-out ratings; groups from few to many.
    """
    return _rmse_by_count(train, test, comparison, c.USER_ID)


def rmse_by_popularity(
    train: pd.DataFrame, test: pd.DataFrame, comparison: Comparison
) -> pd.DataFrame:
    """Return each model's RMSE for titles with few to many ratings; as for `rmse_by_activity`."""
    return _rmse_by_count(train, test, comparison, c.TITLE_ID)


def activity_groups(train: pd.DataFrame, user_ids: NDArray[np.int64]) -> "pd.Series[Any]":
    """Return each user's range of ratings in train, as an ordered category, by user id."""
    counts = train[c.USER_ID].value_counts().reindex(user_ids, fill_value=0).to_numpy()
    parts = _equal_parts(counts, _GROUPS)
    names = [_range(counts[parts == part]) for part in np.unique(parts)]
    labels = [names[part] for part in parts]
    return pd.Series(pd.Categorical(labels, names, ordered=True), index=user_ids)


def ndcg_by_group(
    comparison: Comparison, groups: "pd.Series[Any]", models: Sequence[str]
) -> pd.DataFrame:
    """Return the mean NDCG of rankers for groups of users.

    Args:
        comparison: What was measured.
        groups: The group of each user, by user id; users that are not in it are left out. Ordered
            categories keep their order, other groups go by size, and the smallest are left out.
        models: Which rankers.

    Returns:
        One row a group and ranker: group, model, NDCG, number of users.
    """
    of_users = groups.reindex(comparison.user_ids)
    ordered = isinstance(groups.dtype, pd.CategoricalDtype)
    sizes = of_users.value_counts(sort=not ordered).head(_MOST_GROUPS)

    return pd.DataFrame(
        [
            {
                GROUP: str(group),
                MODEL: model,
                NDCG: float(comparison.ndcg[model][(of_users == group).to_numpy()].mean()),
                N_USERS: int(n_users),
            }
            for group, n_users in sizes[sizes > 0].items()
            for model in models
        ],
        columns=pd.Index([GROUP, MODEL, NDCG, N_USERS]),
    )


def _rmse_by_count(
    train: pd.DataFrame, test: pd.DataFrame, comparison: Comparison, column: str
) -> pd.DataFrame:
    counts = test[column].map(train[column].value_counts()).fillna(0).to_numpy(dtype=np.int64)

    # What train does not have is a group of its own, the first.
    part = np.zeros(len(counts), dtype=np.int64)
    known = counts > 0
    part[known] = 1 + _equal_parts(counts[known], _GROUPS)
    true = test[c.RATING].to_numpy(dtype=np.float64)

    rows: list[dict[str, object]] = []
    for group in np.unique(part):
        here = part == group
        for model, predicted in comparison.predictions.items():
            rows.append(
                {
                    GROUP: _range(counts[here]),
                    MODEL: model,
                    RMSE: rmse(true[here], predicted[here]),
                    N_RATINGS: int(here.sum()),
                }
            )

    return pd.DataFrame(rows)


def _equal_parts(values: NDArray[np.floating | np.integer], n_parts: int) -> NDArray[np.intp]:
    """Split values into runs of about equal size; equal values stay together."""
    if values.size == 0:
        return np.empty(0, dtype=np.intp)
    inner = np.quantile(values, np.linspace(0, 1, n_parts + 1)[1:-1])
    return np.unique(np.searchsorted(inner, values, side="left"), return_inverse=True)[1]


def _range(counts: NDArray[np.integer]) -> str:
    low, high = int(counts.min()), int(counts.max())
    return str(low) if low == high else f"{low}\u2013{high}"
