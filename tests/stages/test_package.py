"""Building a servable folder from the results of the earlier stages, in a process of its own."""

import os
import re
import subprocess
import sys
from importlib.util import cache_from_source
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from cartelera import columns as c
from cartelera import files
from cartelera.config import compose
from cartelera.errors import InputError
from cartelera.factorization.factors import Factors
from cartelera.models.model import Model
from cartelera.paths import Paths
from cartelera.ranking.model import RankingModel
from cartelera.ranking.parameters import RankingParams
from cartelera.service.answering.seen import SeenTitles
from cartelera.service.bento_home import require_bento_home
from cartelera.stages import package

CONF = Path(__file__).parents[2] / "conf"
READ = {"name": "ratings.csv", "n_bytes": 53, "tail_sha256": "ab" * 32}
SCRIPT = """
import sys
from pathlib import Path
import bentoml
from cartelera.config import compose
from cartelera.paths import Paths
from cartelera.stages import package

package.run(compose(sys.argv[3:], conf=Path(sys.argv[2])), Paths(Path(sys.argv[1])))
print(*(stored.tag for store in (bentoml.bentos, bentoml.models) for stored in store.list()))
"""


def write_inputs(paths: Paths) -> None:
    for folder in (paths.clean, paths.features, paths.model):
        folder.mkdir(parents=True)
    text = [c.DIRECTOR, c.CAST, c.COUNTRY, c.DATE_ADDED, c.LISTED_IN, c.DESCRIPTION]
    text += [c.DISPLAY_DIRECTOR, c.DISPLAY_CAST, c.DISPLAY_DESCRIPTION]
    titles = pd.DataFrame(
        {
            c.ID: ["ns1", "hs1"],
            c.WORK_ID: ["ns1", "hs1"],
            c.PLATFORM: ["netflix", "hulu"],
            c.TYPE: ["movie", "movie"],
            c.TITLE: ["alpha", "beta"],
            c.DISPLAY_TITLE: ["Alpha", "Beta"],
            c.RELEASE_YEAR: [2018, 2019],
            c.CERTIFICATE: ["g", "g"],
            c.CERTIFICATE_IMPUTED: [False, True],
            c.DURATION_INT: pd.array([90, None], dtype="Int64"),
            c.DURATION_TYPE: ["min", None],
        }
    ).assign(**dict.fromkeys(text))
    titles[list(c.CLEAN_TITLE_COLUMNS)].to_parquet(paths.clean_titles, index=False)
    ratings = pd.DataFrame(
        {
            c.USER_ID: [2, 2, 1],
            c.TITLE_ID: ["ns1", "hs1", "hs1"],
            c.RATING: [4.0, 2.0, 3.0],
            c.TIMESTAMP: [30, 20, 10],
            c.IS_RECEIVED: [True, False, False],
        }
    )
    ratings.to_parquet(paths.clean_ratings, index=False)
    # What user 1 sent later counts for nobody but for them.
    said = ratings[list(c.CLEAN_RATING_COLUMNS)].iloc[[2]]
    said = said.assign(**{c.RATING: 1.5, c.TIMESTAMP: 40})
    said.to_parquet(paths.received_ratings, index=False)
    paths.reports.mkdir()
    files.write_json(paths.reports / "etl.json", {"received": [READ]})
    scores = {c.TITLE_ID: ["hs1", "ns1"], c.SCORE: [3.0, 4.0], c.N_RATINGS: [1, 1]}
    pd.DataFrame(scores).to_csv(paths.scores, index=False)
    zeros = np.zeros((2, 1), np.float32)
    title_ids = np.array(["hs1", "ns1"], dtype=object)
    ranking = RankingModel(
        title_ids=title_ids,
        factors=np.ones((2, 1), np.float32),
        weights=np.ones(2, np.float32),
        prior=np.ones(2, np.float32),
        content=np.zeros((2, 0), np.float32),
        n_ratings=np.array([1, 1], np.int32),
        params=RankingParams(n_factors=1),
    )
    rating = Factors(
        global_mean=3.5,
        user_bias=zeros[:, 0],
        title_bias=zeros[:, 0],
        user_factors=zeros,
        title_factors=zeros,
        user_ids=np.array([1, 2]),
        title_ids=title_ids,
        title_means=np.array([3.0, 4.0], np.float32),
        scale=(0.5, 5.0),
    )
    Model(rating, ranking).save(paths.champion / "shipped", {})
    files.write_json(paths.registered, {"name": "tiny", "version": "7"})
    files.write_json(paths.champion / "metrics.json", {"model": {"rmse": 0.9}})


class Workshop:
    """A data folder, and a BentoML store of its own."""

    def __init__(self, root: Path):
        self.paths = Paths(root / "data")
        self.environment = {
            **os.environ,
            "BENTOML_HOME": str(root / "bentoml"),
            "BENTOML_DO_NOT_TRACK": "True",
        }
        write_inputs(self.paths)

    def package(self, *overrides: str) -> list[str]:
        """Run the stage and tell what is in the store then."""
        done = subprocess.run(
            [sys.executable, "-c", SCRIPT, str(self.paths.root), str(CONF), *overrides],
            env=self.environment,
            cwd=CONF.parent,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.split()

    def contents(self) -> dict[Path, bytes]:
        found = self.paths.bento.rglob("*")
        return {path: path.read_bytes() for path in found if path.is_file()}

    def version(self) -> str:
        return yaml.safe_load((self.paths.bento / "bento.yaml").read_text())["version"]


@pytest.fixture(scope="module")
def packaged(tmp_path_factory: pytest.TempPathFactory) -> Workshop:
    workshop = Workshop(tmp_path_factory.mktemp("workshop"))
    workshop.package()
    return workshop


def test_the_folder_holds_code_and_data_side_by_side(packaged: Workshop):
    source = packaged.paths.bento / "src"
    assert (source / "cartelera/service/service.py").is_file()
    assert files.read_json(source / "bundle/registered.json") == {"name": "tiny", "version": "7"}
    seen = SeenTitles.read(source / "bundle/seen.safetensors")
    assert seen.of(1) == {"hs1": 1.5}, "what they said last"
    assert list(seen.of(2).items()) == [("hs1", 2.0), ("ns1", 4.0)], "oldest first"
    assert files.read_json(source / "bundle/received.json") == {"taken_in": [READ]}
    assert files.read_json(source / "bundle/metrics.json") == {"model": {"rmse": 0.9}}
    assert not (source / "bundle/intervals.json").exists()


def test_only_what_is_served_travels(packaged: Workshop):
    packages = {path.name for path in (packaged.paths.bento / "src/cartelera").iterdir()}
    assert packages <= {
        "__init__.py",
        "__pycache__",
        "catalogue",
        "columns.py",
        "errors.py",
        "factorization",
        "files.py",
        "models",
        "platforms.py",
        "ranking",
        "ratings",
        "received.py",
        "service",
    }
    modules = {path.name for path in packaged.paths.bento.rglob("*.py")}
    fitting = {"svd.py", "kernels.py", "recipe.py", "fitting.py", "truncated_svd.py"}
    assert not modules & (fitting | {"building.py", "clean.py"})


def test_every_module_is_compiled_for_where_nothing_may_be_written(packaged: Workshop):
    package = packaged.paths.bento / "src/cartelera"
    sources = list(package.rglob("*.py"))
    assert sources
    for source in sources:
        compiled = Path(cache_from_source(str(source)))
        flags = int.from_bytes(compiled.read_bytes()[4:8], "little")
        assert flags == 0b11, "checked by the source's digest, not by its time"


def test_the_requirements_are_pinned_by_hash_and_name_no_index(packaged: Workshop):
    text = (packaged.paths.bento / "env/python/requirements.txt").read_text()
    requirements = re.split(r"\n(?=\S)", text.strip())
    assert all(each.count("==") == 1 and " --hash=sha256:" in each for each in requirements)
    names = {each.split("==")[0] for each in requirements}
    assert names >= {"bentoml", "fastapi", "numpy", "pandas", "pyarrow", "safetensors", "uvicorn"}
    assert not names & {"mlflow", "optuna", "dvc", "scikit-surprise", "numba", "cartelera"}


def test_nothing_of_this_machine_travels(packaged: Workshop):
    for path in packaged.paths.bento.rglob("*"):
        if path.suffix in (".yaml", ".txt", ".in", ".json", ".md") or path.name == "Dockerfile":
            text = path.read_text()
            assert str(packaged.paths.root) not in text, path
            assert "index-url" not in text, path


def test_the_same_content_replaces_itself_in_the_store_and_changes_no_byte(packaged: Workshop):
    version = packaged.version()
    before = packaged.contents()

    again = packaged.package()

    assert again == [f"cartelera-service:{version}"] * 2, "the Bento and its model"
    assert packaged.version() == version
    assert packaged.contents() == before


def test_a_folder_of_bentomls_that_cannot_be_written_is_named(tmp_path: Path, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setenv("BENTOML_HOME", str(tmp_path / "file" / "bentoml"))
    with pytest.raises(InputError, match="set BENTOML_HOME to one that can"):
        require_bento_home()


def test_other_content_is_another_version_which_takes_the_place_of_the_projects_former_one(
    packaged: Workshop,
):
    version = packaged.version()
    scale = ("etl.rating_min=1", "etl.rating_max=4", "etl.rating_step=1")
    years = ("etl.earliest_year=1900", "etl.latest_year=2030")
    elsewhere = Workshop(packaged.paths.root.parent / "elsewhere")
    elsewhere.environment = packaged.environment
    assert elsewhere.package() == [f"cartelera-service:{version}"] * 2, "as a copied project does"
    elsewhere.package("serve.recommend_at=2")
    stored = packaged.package("serve.recommend_at=4.5", *scale, *years)
    assert packaged.version() != version
    versions = (packaged.version(), elsewhere.version())
    assert set(stored) == {f"cartelera-service:{one}" for one in versions}
    settings = files.read_json(packaged.paths.bento / "src/bundle/settings.json")
    assert settings["recommend_at"] == 4.5
    assert settings["diversity"] == 0.1
    assert [settings[f"rating_{end}"] for end in ("min", "max", "step")] == [1, 4, 1]
    assert [settings[f"{end}_year"] for end in ("earliest", "latest")] == [1900, 2030]


@pytest.mark.parametrize(
    "name",
    [
        "model/champion/shipped/factors.safetensors",
        "model/champion/shipped/ranking/titles.parquet",
        "features/scores.csv",
        "reports/etl.json",
    ],
)
def test_a_missing_input_is_named_and_leaves_nothing_behind(tmp_path: Path, name: str):
    paths = Paths(tmp_path / "data")
    write_inputs(paths)
    (paths.root / name).unlink()
    with pytest.raises(InputError, match=Path(name).name):
        package.run(compose(conf=CONF), paths)
    assert not paths.bento.exists()
    assert not list(paths.root.glob(".draft-*"))
