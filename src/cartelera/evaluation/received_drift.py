"""Are the latest ratings mostly received ones, and unlike those of the source's files?"""

from typing import Any, Final

import numpy as np
import pandas as pd

from cartelera import columns as c
from cartelera.evaluation.drift import Finding, Limits, stability_by_chance, stability_index
from cartelera.ratings.received import received_mask

FEEDBACK: Final = "feedback"
"""Where the report's numbers of drift keep what is found here."""


def find_sudden_feedback(
    ratings: pd.DataFrame, *, recent_share: float, most: float, limits: Limits
) -> Finding | None:
    """Compare the received ratings among the latest with those of the source's files.

    It stays until later ratings follow, whichever of them were learnt meanwhile.

    Args:
        ratings: All clean ratings with their origin, also those that are left out of both parts.
        recent_share: Share of them that are the latest, between 0 and 1.
        most: Share of the latest that may be received, whatever they look like.
        limits: Its `psi` is where another spread of stars, or over titles, begins.

    Returns:
        What was found; None if none of the latest was received, or nothing else is there.
    """
    is_received = received_mask(ratings)
    # Of the same second all are in: a flood may come within one.
    moment = ratings[c.TIMESTAMP].quantile(1 - recent_share, interpolation="higher")
    is_recent = (ratings[c.TIMESTAMP] >= moment).to_numpy()
    files, received = ratings[~is_received], ratings[is_received & is_recent]
    if files.empty or received.empty:
        return None

    share = len(received) / np.count_nonzero(is_recent)
    found = (
        f"{share:.0%} of the latest {np.count_nonzero(is_recent):,} ratings were received by the "
        "service"
    )
    if share <= most:
        return Finding(True, f"{found}.")

    jumps = [
        jump
        for what, column in (("stars", c.RATING), ("titles", c.TITLE_ID))
        if (jump := _jump(what, files[column], received[column], limits.psi))
    ]
    if not jumps:
        return Finding(True, f"{found}; they are spread as those of the source's files.")
    return Finding(
        False,
        f"{found}, more than split.feedback_share={most:g}, and their {' and '.join(jumps)} are "
        "spread otherwise than those of the source's files.",
    )


def _jump(what: str, files: "pd.Series[Any]", received: "pd.Series[Any]", limit: float) -> str:
    """Say by how much shares of values differ; nothing if that is within the limit or chance."""
    counts = (files.value_counts().to_dict(), received.value_counts().to_dict())
    index, limit = stability_index(*counts), max(limit, stability_by_chance(*counts))
    return f"{what} (stability index {index:.2f}, above {limit:.2f})" if index > limit else ""
