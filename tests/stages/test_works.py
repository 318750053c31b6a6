"""One film on two platforms, from raw files to what the models learn from."""

from pathlib import Path

import pandas as pd
import pytest

from cartelera import columns as c
from cartelera.config import compose
from cartelera.explore import style
from cartelera.files import read_json
from cartelera.paths import Paths
from cartelera.platforms import PUBLISHED
from cartelera.stages import eda, etl, split

CONF = Path(__file__).parents[2] / "conf"
LANTERN = "s1,Movie,The Lantern,Ana Ruiz,Bo Li,Peru,,2001,PG,81 min,Drama,A film."
OTHERS = [
    f"s{n},Movie,Film {n},Ana Ruiz,Bo Li,Peru,,2001,PG,9{n} min,Drama,A film." for n in (2, 3)
]
ALONE = {
    c.DISNEY: "s1,Movie,Alone,Ana Ruiz,Bo Li,Peru,,2001,PG,81 min,Drama,A film.",
    c.HULU: "s1,Movie,The Lantern,Ana Ruiz,Bo Li,Peru,,2002,PG,81 min,Drama,A newer film.",
}
RATINGS = [
    "7,5,100,as1",
    "7,3,200,as2",
    "8,2,300,ns1",
    "8,4,200,as1",
    "8,4,400,hs1",
    "9,1,100,ns1",
    "9,3,300,ds1",
]


@pytest.fixture(scope="module")
def run(mlflow_store, tmp_path_factory):
    """Run etl, eda and split on the film that is as1 and ns1, with overrides."""

    def start(*overrides: str) -> Paths:
        root = tmp_path_factory.mktemp("works")
        paths = Paths(root / "data")
        (paths.raw / c.RATINGS_FOLDER).mkdir(parents=True)
        header = ",".join(c.RAW_TITLE_COLUMNS)
        for platform, file in PUBLISHED.files.items():
            rows = [ALONE[platform]] if platform in ALONE else [LANTERN, *OTHERS]
            (paths.raw / file).write_text("\n".join([header, *rows, ""]))
        rows = [",".join(c.RAW_RATING_COLUMNS), *RATINGS, ""]
        (paths.raw / c.RATINGS_FOLDER / "1.csv").write_text("\n".join(rows))

        quick = ["eda.n_permutations=99", "split=leave_last_n", "split.n_last=1"]
        tracking = [f"tracking.uri={mlflow_store}", "tracking.experiment=works"]
        config = compose([*quick, *tracking, *overrides], CONF)
        with pytest.MonkeyPatch.context() as patch:
            patch.chdir(root)
            patch.setattr(style, "_DPI", 40)
            for stage in (etl, eda, split):
                stage.run(config, paths)
        return paths

    return start


@pytest.fixture(scope="module")
def pooled(run) -> Paths:
    return run()


def rows_of(path: Path) -> list[tuple]:
    return list(pd.read_csv(path).itertuples(index=False, name=None))


def test_clean_titles_name_the_work(pooled):
    titles = pd.read_parquet(pooled.clean_titles).set_index(c.ID)[c.WORK_ID].to_dict()
    assert titles == {
        "as1": "as1", "as2": "as2", "as3": "as3",
        "ds1": "ds1",
        "hs1": "hs1",
        "ns1": "as1", "ns2": "as2", "ns3": "as3",
    }  # fmt: skip
    twin = pd.read_csv(pooled.clean / "titles.csv")
    assert dict(zip(twin[c.ID], twin[c.WORK_ID], strict=True)) == titles


def test_models_learn_from_one_rating_a_user_and_work(pooled):
    assert rows_of(pooled.model_ratings) == [
        (7, "as1", 5.0, 100),
        (7, "as2", 3.0, 200),
        (8, "as1", 2.0, 300),
        (8, "hs1", 4.0, 400),
        (9, "as1", 1.0, 100),
        (9, "ds1", 3.0, 300),
    ]
    train, test = pd.read_parquet(pooled.train), pd.read_parquet(pooled.test)
    assert list(train[c.TITLE_ID]) == ["as1", "as1", "as1"]
    assert set(test[c.TITLE_ID]) == {"as2", "hs1", "ds1"}


def test_ratings_and_scores_of_titles_stay_as_published(pooled):
    assert len(rows_of(pooled.clean / "ratings.csv")) == 7
    assert rows_of(pooled.scores) == [
        ("as1", 4.5, 2), ("as2", 3.0, 1), ("ds1", 3.0, 1), ("hs1", 4.0, 1), ("ns1", 1.5, 2),
    ]  # fmt: skip


def test_the_reports_account_for_works_and_merged_ratings(pooled):
    assert read_json(pooled.reports / "etl.json")["works"] == {
        "pool_works": True,
        "titles": 8,
        "works": 5,
        "groups": 3,
        "groups_on_one_platform": 0,
        "pooled_titles": 6,
    }
    works = read_json(pooled.reports / "eda.json")["works"]
    assert works == {
        "titles": 8,
        "works": 5,
        "groups": 3,
        "groups_on_one_platform": 0,
        "pooled_titles": 6,
        "ratings_by_title": 7,
        "ratings_under_another_id": 2,
        "ratings_merged": 1,
        "ratings_by_work": 6,
        "rated_works": 4,
    }
    page = (pooled.reports / "eda.html").read_text()
    assert "6 titles are 3 works" in page
    assert "of 7 ratings, 2 go to the title that stands for the work from another one" in page
    assert "1 gives way to a later one of the same user and work, and 6 remain" in page


def test_without_pooling_every_title_is_a_work_of_its_own(run):
    paths = run("etl.pool_works=false")

    titles = pd.read_parquet(paths.clean_titles)
    assert titles[c.WORK_ID].equals(titles[c.ID].rename(c.WORK_ID))
    assert paths.model_ratings.read_bytes() == (paths.clean / "ratings.csv").read_bytes()
    assert read_json(paths.reports / "etl.json")["works"]["pool_works"] is False
    assert read_json(paths.reports / "eda.json")["works"]["ratings_merged"] == 0
    page = (paths.reports / "eda.html").read_text()
    assert "No title shares a work with another" in page
