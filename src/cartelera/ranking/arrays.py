"""The numbers of a ranking model, checked, and how they are kept."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray

from cartelera import columns as c
from cartelera.errors import ConfigError
from cartelera.factorization import model_files
from cartelera.ranking.parameters import RankingParams
from cartelera.ranking.score_scales import Scales

ARRAYS: Final = ("factors", "weights", "prior", "content", "n_ratings")
PARAMS: Final = "params"
SCALES: Final = "content_scales"


@dataclass(frozen=True, eq=False)
class RankingArrays:
    """What `RankingModel` computes with; symbols as in `docs/ranking.md`.

    Attributes:
        title_ids: Strings, of rated titles first; shape (n_titles,).
        factors: q_j, float32; shape (n_titles, k).
        weights: a_j, float32; shape (n_titles,).
        prior: What is popular, float32; shape (n_titles,).
        content: z_j, what the catalogue says of a title, of length 1 or 0, float32; shape
            (n_titles, m), where m is 0 without a catalogue.
        n_ratings: How many ratings each title has; 0 where the vectors come from the catalogue
            alone; int32; shape (n_titles,).
        params: What the model was fitted with.
        scales: What brings content into the range of the other scores.
        card: The model card a loaded model came with.

    Raises:
        ValueError: If shapes or types do not fit together or a number is not finite.
    """

    title_ids: NDArray[np.object_]
    factors: NDArray[np.float32]
    weights: NDArray[np.float32]
    prior: NDArray[np.float32]
    content: NDArray[np.float32]
    n_ratings: NDArray[np.int32]
    params: RankingParams
    scales: Scales = field(default_factory=Scales)
    card: Mapping[str, Any] = field(default_factory=dict[str, Any])

    def __post_init__(self) -> None:
        n_titles = len(self.title_ids)
        if not n_titles or self.factors.ndim != 2 or self.content.ndim != 2:
            raise ValueError("a ranking model has at least one title, and matrices of vectors")
        for name in ARRAYS:
            array: NDArray[Any] = getattr(self, name)
            dtype = np.int32 if name == "n_ratings" else np.float32
            if array.shape[0] != n_titles or array.dtype != dtype:
                raise ValueError(
                    f"{name} is {array.dtype} of shape {array.shape}, not {np.dtype(dtype)} of "
                    f"{n_titles} titles"
                )
            if not np.isfinite(array).all():
                raise ValueError(f"{name} has a number that is NaN or infinite")
        if (self.n_ratings[self.n_rated :] > 0).any():
            raise ValueError("titles that nobody rated stand before rated ones")

    @cached_property
    def n_rated(self) -> int:
        """The number of rated titles, which stand before the others."""
        return int((self.n_ratings > 0).sum())

    def save(self, folder: Path, card: Mapping[str, Any]) -> None:
        """Write the model into a folder: arrays, ids and a model card, nothing executable.

        Args:
            folder: Made if need be; the model's own files in it are replaced.
            card: What else the model card should say: JSON values.

        Raises:
            ValueError: If the card has a key the model writes itself.
        """
        arrays = {name: getattr(self, name) for name in ARRAYS}
        numbers = {PARAMS: self.params.to_mapping(), SCALES: asdict(self.scales)}
        model_files.write(folder, arrays, {c.TITLE_ID: self.title_ids}, numbers, card)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read a model that `save` wrote. Nothing in the folder is ever executed or unpickled.

        Raises:
            InputError: If a file is missing, damaged, altered, or written by a newer version; the
                message names the file and the fix.
        """
        content = model_files.read(folder, ARRAYS, (c.TITLE_ID,))
        try:
            return cls(
                **content.arrays,
                title_ids=content.ids[c.TITLE_ID],
                params=RankingParams.from_mapping(content.card[PARAMS]),
                scales=Scales(**content.card[SCALES]),
                card=content.card,
            )
        except (KeyError, TypeError, ValueError, ConfigError) as error:
            raise model_files.unusable(folder, str(error)) from error
