"""The lists of all users from the results of the earlier stages."""

import shutil
from pathlib import Path

import pandas as pd
import pytest
import sqlalchemy as sa

from cartelera import columns as c
from cartelera.config import compose
from cartelera.errors import CarteleraError
from cartelera.paths import Paths
from cartelera.stages import recommend

from .test_package import CONF, write_inputs


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    """User 1 has rated hs1, user 2 both titles there are; user 3 sent ns1, which does not count."""
    paths = Paths(tmp_path / "data")
    write_inputs(paths)
    pd.DataFrame([(3, "ns1", 4.0, 10)], columns=list(c.CLEAN_RATING_COLUMNS)).to_parquet(
        paths.received_ratings, index=False
    )
    return paths


def run(paths: Paths, *overrides: str) -> None:
    recommend.run(compose(overrides, conf=CONF), paths)


def listed(paths: Paths) -> list[tuple[int, str]]:
    rows = pd.read_parquet(paths.recommendations)
    return list(zip(rows[c.USER_ID], rows[c.TITLE_ID], strict=True))


def test_what_users_have_not_rated_is_listed(paths: Paths):
    run(paths)

    assert [path.name for path in paths.recommendations.iterdir()] == ["users-1-3.parquet"]
    assert listed(paths) == [(1, "ns1"), (3, "hs1")]


def test_settings_reach_the_lists(paths: Paths):
    run(paths, "recommend.platforms=[hulu]", "recommend.users_per_file=1")

    assert len(list(paths.recommendations.iterdir())) == 3
    assert listed(paths) == [(3, "hs1")]


def test_a_database_gets_them_too(paths: Paths):
    database = f"sqlite:///{paths.root}/lists.db"
    run(paths, f"recommend.database={database}", "recommend.table=lists")

    engine = sa.create_engine(database)
    with engine.connect() as connection:
        found = connection.execute(sa.text("SELECT user_id, title_id FROM lists")).all()
    engine.dispose()
    assert [tuple(row) for row in found] == listed(paths)


def test_a_failure_leaves_the_files_of_the_last_time(paths: Paths, monkeypatch):
    run(paths)
    before = listed(paths)

    def fail(*_: object) -> None:
        raise CarteleraError("the database went away")

    monkeypatch.setattr(recommend, "replace_rows", fail)
    shutil.copy(paths.received_ratings, paths.clean_ratings)  # now user 1 is unknown
    with pytest.raises(CarteleraError, match="went away"):
        run(paths, f"recommend.database=sqlite:///{paths.root}/lists.db")

    assert listed(paths) == before
    assert not list(paths.root.glob(".draft-*"))
