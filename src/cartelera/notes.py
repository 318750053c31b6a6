"""Notes on what was read otherwise than the format says: told at once, and kept for the account."""

import logging
from collections.abc import Mapping

_log = logging.getLogger(__name__)


class Notes:
    """What was read how, by file; each note is also a warning."""

    def __init__(self, *, are_told: bool = True) -> None:
        """Begin without any.

        Args:
            are_told: Whether notes are warnings, too; else somebody tells them later.
        """
        self._are_told = are_told
        self._notes: dict[str, list[str]] = {}

    def add(self, file: str, said: str) -> None:
        """Note something of a file, once.

        Args:
            file: What the file is called.
            said: The end of a sentence that begins with the file's name.
        """
        of_file = self._notes.setdefault(file, [])
        if said not in of_file:
            of_file.append(said)
            if self._are_told:
                _log.warning("%s %s", file, said)

    @property
    def by_file(self) -> Mapping[str, list[str]]:
        """The notes of each file that has some, in the order they were made; JSON-able."""
        return {file: list(said) for file, said in self._notes.items()}
