"""The numbers of a matrix factorisation, checked, and how they are kept."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray

from cartelera import columns as c
from cartelera.factorization import model_files
from cartelera.factorization.fold_in import Ridge

ARRAYS: Final = ("user_bias", "title_bias", "user_factors", "title_factors", "title_means")


@dataclass(frozen=True, eq=False)
class ModelArrays:
    """What `Factors` computes with: `mu + b_u + b_i + q_i . p_u`, or `q_i . p_u` if not biased.

    Attributes:
        global_mean: mu, the mean of all ratings, in stars.
        user_bias: b_u, float32; shape (n_users,).
        title_bias: b_i, float32; shape (n_titles,).
        user_factors: p_u, float32; shape (n_users, n_factors).
        title_factors: q_i, float32; shape (n_titles, n_factors).
        user_ids: Shape (n_users,).
        title_ids: Strings; shape (n_titles,).
        title_means: What stands in for a user the model does not know: each title's mean rating
            drawn towards mu (`recommender.shrunken_means`), float32; shape (n_titles,).
        scale: Lowest and highest rating, in stars.
        biased: Whether mu, b_u and b_i are part of the model.
        card: The model card a loaded model came with. Its `params`, if there are any, are those of
            the fit; a blend's card has `members` instead. Its `fold_in` has the constants of
            newcomers (`fold_in.Ridge`).

    Raises:
        ValueError: If shapes or types do not fit together or a number is not finite.
    """

    global_mean: float
    user_bias: NDArray[np.float32]
    title_bias: NDArray[np.float32]
    user_factors: NDArray[np.float32]
    title_factors: NDArray[np.float32]
    user_ids: NDArray[np.int64]
    title_ids: NDArray[np.object_]
    title_means: NDArray[np.float32]
    scale: tuple[float, float]
    biased: bool = True
    card: Mapping[str, Any] = field(default_factory=dict[str, Any])

    def __post_init__(self) -> None:
        n_users, n_titles = len(self.user_ids), len(self.title_ids)
        if self.user_factors.ndim != 2 or not n_users or not n_titles:
            raise ValueError("a model has at least one user and one title, and a matrix of factors")

        n_factors = self.user_factors.shape[1]
        shapes = {
            "user_bias": (n_users,),
            "title_bias": (n_titles,),
            "user_factors": (n_users, n_factors),
            "title_factors": (n_titles, n_factors),
            "title_means": (n_titles,),
        }

        for name, shape in shapes.items():
            array: NDArray[Any] = getattr(self, name)
            if array.shape != shape or array.dtype != np.float32:
                raise ValueError(
                    f"{name} is {array.dtype} of shape {array.shape}, not float32 of shape {shape}"
                )
            if not np.isfinite(array).all():
                raise ValueError(f"{name} has a number that is NaN or infinite")

        if not np.isfinite(self.global_mean):
            raise ValueError("global_mean is NaN or infinite")

    def save(self, folder: Path, card: Mapping[str, Any]) -> None:
        """Write the model into a folder: arrays, ids and a model card, nothing executable.

        Args:
            folder: Made if need be; the model's own files in it are replaced.
            card: What else the model card should say: JSON values.

        Raises:
            ValueError: If the card has a key the model writes itself.
        """
        numbers = {"global_mean": self.global_mean, "scale": self.scale, "biased": self.biased}
        arrays = {name: getattr(self, name) for name in ARRAYS}
        ids = {c.USER_ID: self.user_ids, c.TITLE_ID: self.title_ids}
        model_files.write(folder, arrays, ids, numbers, card)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read a model that `save` wrote. Nothing in the folder is ever executed or unpickled.

        Raises:
            InputError: If a file is missing, damaged, altered, or written by a newer version; the
                message names the file and the fix.
        """
        content = model_files.read(folder, ARRAYS, (c.USER_ID, c.TITLE_ID))
        try:
            model = cls(
                **content.arrays,
                user_ids=content.ids[c.USER_ID],
                title_ids=content.ids[c.TITLE_ID],
                global_mean=float(content.card["global_mean"]),
                scale=(float(content.card["scale"][0]), float(content.card["scale"][1])),
                biased=bool(content.card["biased"]),
                card=content.card,
            )
            Ridge.of_card(model.card)  # for a fold-in
        except (KeyError, IndexError, TypeError, ValueError) as error:
            raise model_files.unusable(folder, str(error)) from error
        return model
