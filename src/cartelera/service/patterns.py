"""What names of hosts and origins look like in the settings."""

from typing import Final

HOST: Final = r"^(\*|[a-z0-9.\-]+|\[[0-9a-f:]+\])$"
ORIGIN: Final = r"^(\*|https?://[a-z0-9.\-]+(:\d+)?)$"
