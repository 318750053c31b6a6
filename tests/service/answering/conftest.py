"""A log of received ratings in a folder of its own."""

from pathlib import Path

import pytest

from cartelera.service.answering.feedback import FIRST_SEGMENT, FeedbackLog


@pytest.fixture
def log(tmp_path: Path) -> FeedbackLog:
    return FeedbackLog(tmp_path / "feedback")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """The log's first segment."""
    return tmp_path / "feedback" / FIRST_SEGMENT
