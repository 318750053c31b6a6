"""The tables of docs/habits.md as a test reads them."""

import re
from pathlib import Path
from typing import NamedTuple

PAGE = Path(__file__).parents[2] / "docs" / "habits.md"
_ROW = re.compile(r"^\| `(.+?)` \| .+ \| (\d+) \| (?:`(.+)` )?\|$", re.MULTILINE)


class Habit(NamedTuple):
    """A command, how it ends, and a part of what it says; nothing at all if that is empty."""

    command: str
    status: int
    says: str


def habits(section: str) -> list[Habit]:
    """Read the rows under a heading."""
    _, _, rest = PAGE.read_text().partition(f"\n## {section}\n")
    table, _, _ = rest.partition("\n## ")
    found = [Habit(command, int(status), says) for command, status, says in _ROW.findall(table)]
    assert len(found) == table.count("\n| `")
    return found
