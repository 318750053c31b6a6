import os
from pathlib import Path

import pytest

from cartelera.accounting import Cleaned
from cartelera.catalogue.clean import clean_catalogue
from cartelera.raw import read_catalogues
from cartelera.raw_files import find_raw_files


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real data, outside the project."""
    if "CARTELERA_REAL_DATA" not in os.environ:
        pytest.skip("CARTELERA_REAL_DATA is not set")
    return Path(os.environ["CARTELERA_REAL_DATA"])


@pytest.fixture(scope="session")
def real_files(real_data):
    return find_raw_files(real_data / "streaming")


@pytest.fixture(scope="session")
def real_catalogues(real_files):
    return read_catalogues(real_files)


@pytest.fixture(scope="session")
def real_titles(real_catalogues) -> dict[str, Cleaned]:
    """The cleaned titles by platform."""
    return {platform: clean_catalogue(raw, platform) for platform, raw in real_catalogues.items()}
