"""Raw files behind URLs: resumed where they broke off, checked against their SHA-256."""

import logging
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from urllib.parse import urlsplit

import requests
from rich.progress import Progress
from tenacity import (
    RetryCallState,
    Retrying,
    retry_if_exception_type,
    stop_after_attempt,
    wait_exponential,
)

from cartelera.errors import ConfigError, InputError
from cartelera.files import sha256
from cartelera.sources import remote
from cartelera.sources._progress import byte_progress
from cartelera.sources.listed import STORES, RawFile

logger = logging.getLogger(__name__)

_CHUNK_BYTES = 1 << 16
_LONGEST_WAIT_S = 60
_WORTH_ANOTHER_TRY = frozenset({408, 425, 429})


class _BrokenOffError(Exception):
    """A transfer failed in a way that may pass."""


def download(
    files: Sequence[RawFile],
    destination: Path,
    *,
    cache: Path,
    retries: int,
    timeout_s: float,
    first_wait_s: float = 1.0,
) -> None:
    """Fetch files, each checked against its SHA-256; all of them arrive or none.

    What is fetched is kept in the cache until all is there, so that a later try goes on where this
    one broke off. A file that is already at its destination with the right bytes is left alone.

    Args:
        files: What to fetch.
        destination: The folder the files' `to` is relative to.
        cache: A folder for unfinished files, on the same disk; removed in the end.
        retries: Further attempts a file, with growing pauses.
        timeout_s: Seconds without an answer before an attempt counts as failed.
        first_wait_s: Seconds before the second attempt; each further pause is twice as long.

    Raises:
        ConfigError: If two files have the same `to`.
        InputError: If a server refuses, the attempts are used up or the bytes are wrong.
    """
    _refuse_duplicates(files)
    missing = [file for file in files if not _is_there(destination / file.to, file.sha256)]
    cache.mkdir(parents=True, exist_ok=True)
    with byte_progress() as progress, requests.Session() as session:
        for file in missing:
            transfer = _Transfer(file, cache, session, timeout_s, progress)
            _fetch(transfer, retries, first_wait_s)
    for file in missing:
        target = destination / file.to
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(_part(cache, file), target)
    shutil.rmtree(cache)


def _refuse_duplicates(files: Sequence[RawFile]) -> None:
    targets = [file.to for file in files]
    for target in targets:
        if targets.count(target) > 1:
            raise ConfigError(f"data.files: to={target} stands there more than once.")


def _is_there(path: Path, expected: str) -> bool:
    return path.is_file() and sha256(path) == expected.lower()


def _part(cache: Path, file: RawFile) -> Path:
    return cache / f"{file.sha256.lower()}.part"


def _fetch(transfer: "_Transfer", retries: int, first_wait_s: float) -> None:
    """Make the part whole: resume it, and if that gives wrong bytes begin once more from zero."""
    url, part, expected = transfer.file.url, transfer.part, transfer.file.sha256.lower()
    if _is_there(part, expected):
        return
    if urlsplit(url).scheme in STORES:
        remote.fetch(url, part)
        _require_right_bytes(transfer)
        return
    resumed = part.exists()
    _with_retries(transfer.go_on, url, retries, first_wait_s)
    if resumed and not _is_there(part, expected):
        logger.warning("%s changed since the last try: it is fetched from its beginning.", url)
        transfer.forget()
        _with_retries(transfer.go_on, url, retries, first_wait_s)
    _require_right_bytes(transfer)


def _require_right_bytes(transfer: "_Transfer") -> None:
    url, expected = transfer.file.url, transfer.file.sha256.lower()
    got = sha256(transfer.part)
    if got != expected:
        transfer.forget()
        raise InputError(
            f"{url} has the wrong bytes: expected SHA-256 {expected}, got {got}. "
            "Correct sha256 in data.files if the file changed on purpose."
        )


def _with_retries(attempt: Callable[[], None], url: str, retries: int, first_wait_s: float) -> None:
    def announce(state: RetryCallState) -> None:
        logger.warning(
            "%s: %s. Attempt %d of %d failed, the next is in %.1f s.",
            url,
            state.outcome.exception() if state.outcome else "",
            state.attempt_number,
            retries + 1,
            state.upcoming_sleep,
        )

    try:
        Retrying(
            stop=stop_after_attempt(retries + 1),
            wait=wait_exponential(multiplier=first_wait_s, max=_LONGEST_WAIT_S),
            retry=retry_if_exception_type(_BrokenOffError),
            before_sleep=announce,
            reraise=True,
        )(attempt)
    except _BrokenOffError as error:
        raise InputError(
            f"{url} could not be fetched in {retries + 1} attempts: {error}. What came is kept; "
            "run again to go on from there, or raise data.retries or data.timeout_s."
        ) from error


class _Transfer:
    """One file on its way into the cache."""

    def __init__(
        self,
        file: RawFile,
        cache: Path,
        session: requests.Session,
        timeout_s: float,
        progress: Progress,
    ) -> None:
        self.file = file
        self.part = _part(cache, file)
        self._version_file = self.part.with_suffix(".version")
        self._session = session
        self._timeout_s = timeout_s
        self._progress = progress
        self._task = progress.add_task(f"Fetching {file.to}", total=None)

    def forget(self) -> None:
        """Drop what came so far."""
        self.part.unlink(missing_ok=True)
        self._version_file.unlink(missing_ok=True)

    def go_on(self) -> None:
        """Ask for what is missing and append it; or for all of it if the server cannot do that.

        Raises:
            _BrokenOffError: If another try may help.
            InputError: If it would not.
        """
        try:
            with self._session.get(
                self.file.url, headers=self._headers(), stream=True, timeout=self._timeout_s
            ) as response:
                self._check_status(response)
                self._receive(response)
        except (
            requests.exceptions.ChunkedEncodingError,
            requests.ConnectionError,
            requests.Timeout,
        ) as error:
            raise _BrokenOffError(str(error)) from error
        except requests.RequestException as error:
            raise InputError(f"{self.file.url} cannot be fetched: {error}") from error

    def _headers(self) -> dict[str, str]:
        headers = {"Accept-Encoding": "identity"}  # byte ranges count the bytes as stored
        if self.part.exists() and (have := self.part.stat().st_size):
            headers["Range"] = f"bytes={have}-"
            if self._version_file.exists():
                headers["If-Range"] = self._version_file.read_text(encoding="utf-8")
        return headers

    def _check_status(self, response: requests.Response) -> None:
        status = response.status_code
        if status == requests.codes.requested_range_not_satisfiable:
            self.forget()
            raise _BrokenOffError("the file is now shorter than what came of it before")
        if status >= 500 or status in _WORTH_ANOTHER_TRY:
            raise _BrokenOffError(f"the server answered {status} {response.reason}")
        if status not in (requests.codes.ok, requests.codes.partial_content):
            raise InputError(
                f"{self.file.url}: the server answered {status} {response.reason}. "
                "Check the address in data.files."
            )

    def _receive(self, response: requests.Response) -> None:
        have = self.part.stat().st_size if self.part.exists() else 0
        if response.status_code == requests.codes.partial_content:
            if not response.headers.get("Content-Range", "").startswith(f"bytes {have}-"):
                self.forget()
                raise _BrokenOffError("the server sent another range than was asked for")
        else:
            have = 0
            self._remember_version(response)
        length = response.headers.get("Content-Length", "")
        total = have + int(length) if length.isdecimal() else None
        self._progress.update(self._task, completed=have, total=total)
        with self.part.open("ab" if have else "wb") as writer:
            for chunk in response.iter_content(_CHUNK_BYTES):
                writer.write(chunk)
                self._progress.advance(self._task, len(chunk))

    def _remember_version(self, response: requests.Response) -> None:
        """Keep what tells this version of the file from a later one (RFC 9110, If-Range)."""
        etag = response.headers.get("ETag", "")
        strong = etag if etag and not etag.startswith("W/") else ""
        version = strong or response.headers.get("Last-Modified", "")
        self._version_file.unlink(missing_ok=True)
        if version:
            self._version_file.write_text(version, encoding="utf-8")
