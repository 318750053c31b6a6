"""API keys, and the sessions of browsers that showed one."""

import hashlib
import hmac
import os
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Final

from cartelera.errors import InputError

VARIABLE: Final = "CARTELERA_API_KEY"
FILE_VARIABLE: Final = "CARTELERA_API_KEY_FILE"
SHORTEST: Final = 16

_MAKE_ONE: Final = "`openssl rand -hex 32` makes one"


class Keys:
    """The keys that open the service; more than one while an old one is being replaced.

    A session is the moment it ends with a signature made from a key: workers share nothing for it,
    and it ends with its key.

    Args:
        keys: At least one.
        session_s: How long a session lasts, in seconds.
        clock: Gives the seconds since 1970.
    """

    def __init__(
        self, keys: Iterable[str], session_s: float, clock: Callable[[], float] = time.time
    ):
        # Digests have one length, so that comparing them does not tell how long a key is.
        self._digests = [hashlib.sha256(key.encode()).digest() for key in keys]
        self._session_s = session_s
        self._clock = clock

    def find(self, presented: str) -> int | None:
        """Return the position of a key; None if it is none of them. Takes the same time for any."""
        digest = hashlib.sha256(presented.encode(errors="replace")).digest()
        return _find(digest, self._digests)

    def start_session(self, key: int) -> str:
        """Return the cookie value that stands for a key from now on."""
        ends_at = str(int(self._clock() + self._session_s))
        return f"{ends_at}.{self._signature(self._digests[key], ends_at)}"

    def find_session(self, cookie: str) -> int | None:
        """Return the position of the key a session began with; None if it is over or forged."""
        ends_at, _, signature = cookie.partition(".")
        signatures = [self._signature(digest, ends_at).encode() for digest in self._digests]
        key = _find(signature.encode(errors="replace"), signatures)
        return key if key is not None and int(ends_at) > self._clock() else None

    @property
    def session_s(self) -> int:
        """How long a session lasts, in seconds."""
        return int(self._session_s)

    @staticmethod
    def _signature(digest: bytes, ends_at: str) -> str:
        signed = f"session until {ends_at}".encode(errors="replace")
        return hmac.digest(digest, signed, "sha256").hex()


def read_keys(environment: Mapping[str, str] = os.environ) -> list[str]:
    """Read the keys from the environment: one or more, parted by commas or white space.

    Returns:
        The keys; none if neither variable is set: then the service is open.

    Raises:
        InputError: If a variable is set but holds no key, or one that is too short to be safe.
    """
    keys: list[str] = []
    for variable in (VARIABLE, FILE_VARIABLE):
        if variable in environment:
            keys.extend(_checked(variable, _content(variable, environment[variable])))
    return keys


def _content(variable: str, value: str) -> str:
    if variable != FILE_VARIABLE:
        return value
    try:
        return Path(value).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise InputError(
            f"{variable} names a file that cannot be read as text: {value!r}. "
            "Write the key into it, or unset the variable."
        ) from None


def _checked(variable: str, content: str) -> list[str]:
    keys = content.replace(",", " ").split()
    if not keys:
        raise InputError(f"{variable} is set, but holds no key: {_MAKE_ONE}, or unset it.")
    if any(len(key) < SHORTEST for key in keys):
        raise InputError(
            f"{variable} holds a key of fewer than {SHORTEST} characters: {_MAKE_ONE}."
        )
    return keys


def _find(wanted: bytes, known: list[bytes]) -> int | None:
    found = None
    for position, candidate in enumerate(known):
        if hmac.compare_digest(wanted, candidate):
            found = position
    return found
