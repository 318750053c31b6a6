"""The served settings: a few numbers that travel in the bundle."""

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from cartelera import files
from cartelera.errors import InputError
from cartelera.service.problems import Refused


class Settings(BaseModel):
    """How predictions and lists are presented.

    Attributes:
        recommend_at: A title is recommended from this predicted rating on, in stars.
        default_k: Length of a list when none is asked for.
        max_k: Longest list that may be asked for.
        diversity: How much titles like those before them count for less in a list, if nothing is
            said: 0 to 1.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    recommend_at: float = Field(allow_inf_nan=False)
    default_k: int = Field(ge=1)
    max_k: int = Field(ge=1)
    diversity: float = Field(ge=0, le=1)

    def length(self, k: int | None) -> int:
        """Return the length of a list for which k is asked; None leaves it to the settings.

        Raises:
            Refused: If k is out of range.
        """
        length = self.default_k if k is None else k
        if not 1 <= length <= self.max_k:
            allowed = f"a whole number from 1 to {self.max_k}"
            raise Refused(422, f"`k`={length} is out of range.", [allowed])
        return length

    def write(self, path: Path) -> None:
        """Write the settings as JSON."""
        files.write_json(path, self.model_dump())

    @classmethod
    def read(cls, path: Path) -> "Settings":
        """Read what `write` wrote.

        Raises:
            InputError: If a setting is missing, unknown, or not a sensible number.
        """
        try:
            return cls.model_validate_json(path.read_bytes())
        except ValidationError as error:
            raise InputError(f"{path} does not hold the service's settings: {error}") from None
