"""Log lines for people, on standard error."""

import logging

from rich.console import Console
from rich.logging import RichHandler


def set_up(level: int = logging.INFO) -> None:
    """Send this package's log lines to standard error, and only the warnings of all others."""
    handler = RichHandler(console=Console(stderr=True), show_path=False, log_time_format="%X")
    logging.basicConfig(level=logging.WARNING, format="%(message)s", handlers=[handler], force=True)
    for ours in ("cartelera", "__main__"):  # compose, run as a program, goes by the latter name
        logging.getLogger(ours).setLevel(level)
