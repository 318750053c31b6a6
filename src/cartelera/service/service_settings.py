"""How the service is run: workers, limits and doors, as opposed to what it answers.

The values lie in a file beside the code, written when the service is built from `conf/serve`. The
variable `CARTELERA_SERVE` (a JSON object) goes before the file, so that `cartelera serve key=value`
and a container change them without another build. They are read once, at the start.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Final, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from cartelera import files
from cartelera.errors import InputError
from cartelera.service import patterns

FILE_NAME: Final = "service_settings.json"
VARIABLE: Final = "CARTELERA_SERVE"

_Seconds = Annotated[float, Field(gt=0, allow_inf_nan=False)]
_Amount = Annotated[float, Field(ge=0, allow_inf_nan=False)]
_Host = Annotated[str, StringConstraints(pattern=patterns.HOST)]
_Origin = Annotated[str, StringConstraints(pattern=patterns.ORIGIN)]


class ServiceSettings(BaseModel):
    """The settings of a running service; their meaning stands in `conf/serve/default.yaml`.

    Attributes:
        workers: Worker processes.
        reload_every_s: Seconds between looks for a new model; 0 never looks.
        request_log: Whether every request gets a line in the log.
        allowed_hosts: Without a key, the names by which callers may address it; `*` for all.
        cors_origins: Foreign origins whose pages may call the API; `*` for all.
        n_proxies: How many proxies in front add to `X-Forwarded-For`.
        requests_per_s: Most requests a second of one caller in the long run; 0 is no limit.
        burst: How many requests of one caller may come at once.
        max_in_progress: Most requests in progress in one worker.
        max_body_bytes: The longest body.
        body_timeout_s: The longest a body may take to arrive, in seconds.
        timeout_s: The longest an answer may take to begin, in seconds.
        stop_timeout_s: How long a stop waits for requests in progress, in seconds.
        session_hours: How long a browser stays logged in.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    workers: int = Field(default=1, ge=1)
    reload_every_s: _Amount = 10.0
    request_log: bool = True
    allowed_hosts: list[_Host] = ["localhost", "127.0.0.1", "[::1]"]
    cors_origins: list[_Origin] = []
    n_proxies: int = Field(default=0, ge=0)
    requests_per_s: _Amount = 500.0
    burst: int = Field(default=1000, ge=1)
    max_in_progress: int = Field(default=200, ge=1)
    max_body_bytes: int = Field(default=65536, ge=1)
    body_timeout_s: _Seconds = 10.0
    timeout_s: _Seconds = 30.0
    stop_timeout_s: _Seconds = 8.0
    session_hours: _Seconds = 12.0

    @classmethod
    def of(cls, section: object) -> Self:
        """Take the settings from an object that has them all, and others, as attributes."""
        return cls.model_validate({name: getattr(section, name) for name in cls.model_fields})

    def write(self, folder: Path) -> None:
        """Write the settings into a folder."""
        files.write_json(folder / FILE_NAME, self.model_dump())

    @classmethod
    def read(cls, folder: Path, environment: Mapping[str, str] = os.environ) -> Self:
        """Read what `write` wrote; what the environment says goes before it.

        Args:
            folder: Without the file in it, the defaults hold.
            environment: The variables.

        Raises:
            InputError: If a setting is unknown or out of range.
        """
        path = folder / FILE_NAME
        try:
            written = cls.model_validate_json(path.read_bytes()) if path.is_file() else cls()
            overrides = cls.model_validate_json(environment.get(VARIABLE, "").strip() or "{}")
        except ValidationError as error:
            raise InputError(
                f"{path} or the variable {VARIABLE} does not hold the service's settings: {error}"
            ) from None
        return written.model_copy(update=overrides.model_dump(exclude_unset=True))

    def as_variable(self) -> dict[str, str]:
        """Return the variable that hands these settings to a service."""
        return {VARIABLE: self.model_dump_json()}
