import itertools
import re
from pathlib import Path

import pytest
import yaml

from cartelera.catalogue.text import NULL_WORDS
from cartelera.config import CONF_FOLDER, compose, load, to_plain, to_yaml
from cartelera.config_sources import FolderConfig, SampleConfig
from cartelera.config_types import SplitMethod
from cartelera.errors import ConfigError
from cartelera.stages.compose import resolve

CONF = Path(__file__).parents[1] / CONF_FOLDER
OPTIONS = [
    (group.name, option.stem)
    for group in sorted(CONF.iterdir())
    if group.is_dir() and group.name != "local"
    for option in sorted(group.glob("*.yaml"))
]
REQUIRED = {("data", "folder"): ["data.path=/somewhere"]}


@pytest.mark.parametrize(("group", "option"), OPTIONS)
def test_every_option_of_every_group_composes_and_survives_a_round_trip(group, option, tmp_path):
    config = compose([f"{group}={option}", *REQUIRED.get((group, option), [])], CONF)

    (tmp_path / "params.yaml").write_text(to_yaml(config))

    assert load(tmp_path / "params.yaml") == config


@pytest.mark.parametrize(("group", "option"), OPTIONS)
def test_every_key_stands_below_or_beside_a_comment(group, option):
    lines = (CONF / group / f"{option}.yaml").read_text().splitlines()

    for before, line in itertools.pairwise(["", *lines]):
        is_key = line[:1].isalpha()
        is_second_of_a_pair = before[:1].isalpha()
        assert not is_key or before.startswith("#") or "#" in line or is_second_of_a_pair, line


def test_the_root_names_every_option_of_a_group():
    lines = (CONF / "config.yaml").read_text().splitlines()
    said = {group: line for line in lines for group, _ in OPTIONS if f"- {group}:" in line}

    missing = [(group, option) for group, option in OPTIONS if option not in said[group]]
    assert not missing


def test_groups_of_conf_are_the_sections_of_the_type():
    assert {group for group, _ in OPTIONS} == set(to_plain(compose(conf=CONF)))


def test_an_override_reaches_its_key_and_no_other():
    plain = to_plain(compose(conf=CONF))

    changed = to_plain(compose(["search.n_trials=50"], CONF))

    assert changed["search"].pop("n_trials") == 50
    plain["search"].pop("n_trials")
    assert changed == plain


def test_values_have_their_types():
    config = compose(["split=random", "etl.rating_max=5"], CONF)

    assert isinstance(config.data, SampleConfig)
    assert config.split.method is SplitMethod.random
    assert isinstance(config.etl.rating_max, float)


def test_the_words_for_nothing_are_those_the_cleaning_knows_by_itself():
    assert sorted(compose(conf=CONF).etl.null_words) == sorted(NULL_WORDS)


def test_a_folder_is_a_choice_of_its_own_type():
    config = compose(["data=folder", "data.path=/films"], CONF)

    assert config.data == FolderConfig(path="/films")


def test_the_tilde_of_a_folder_is_the_home_of_whoever_runs_it(monkeypatch):
    monkeypatch.setenv("HOME", "/home/ana")

    assert compose(["data=folder", "data.path='~/films'"], CONF).data == FolderConfig(
        path="/home/ana/films"
    )


def test_a_parameter_of_the_model_can_be_added():
    assert compose(["+model.params.lr_bu=0.01"], CONF).model.params["lr_bu"] == 0.01


@pytest.mark.parametrize(
    ("override", "said"),
    [
        ("search.foo=1", "search.foo"),
        ("+search.foo=1", "search.foo"),
        ("+foo=1", "foo"),
        ("search.n_trials=many", "search.n_trials"),
        ("search.n_trials=1.5", "search.n_trials"),
        ("search.n_trials=0", "1 or more"),
        ("search=nope", "quick"),
        ("search.executor=spark", "local, dask"),
        ("search.dask.n_workers=0", "1 or more"),
        ("search.dask.address=here:8786", "tcp://host:8786"),
        ("split.method=sideways", "chronological, random, leave_last_n"),
        ("split.test_fraction=1", "between 0 and 1"),
        ("split.feedback_share=1.1", "0 to 1"),
        ("etl.max_rejected=nan", "0 to 1"),
        ("etl.null_words=nan", "null_words"),
        ("etl.null_words=['']", "a list of texts"),
        ("etl.null_words=[[nan]]", "a list of texts"),
        ("etl.null_words=[null]", "null_words"),
        ("etl.rating_max=10", "bring ratings on another scale to stars first"),
        ("etl.rating_min=-1", "from 0 "),
        ("tracking.gate_margin_ndcg=inf", "0 or more"),
        ("tracking.registered_model=my.model", "a name without"),
        ("model.blend=0", "1 to 100"),
        ("model.blend_margin=-0.1", "0 or more"),
        ("model.ship_on=test", "train, all"),
        ("evaluate.interval_coverage=1", "between 0 and 1"),
        ("evaluate.drift_recent=0", "between 0 and 1"),
        ("evaluate.drift_psi=nan", "0 or more"),
        ("evaluate.drift_permutations=9", "99 or more"),
        ("recommend.k=0", "recommend.k=0"),
        ("recommend.users_per_file=0", "1 or more"),
        ("recommend.type=film", "movie, tv show, all"),
        ("recommend.platforms=[hbo]", "a list of amazon, disney, hulu, netflix"),
        ("recommend.table='a; b'", "SCHEMA.NAME"),
        ("serve.port=70000", "1 to 65535"),
        ("data=folder", "data.path=VALUE"),
        ("serve.prt=2", "did you mean serve.port?"),
        ("serch=quick", "did you mean search?"),
        ("data.sede=2", "did you mean data.seed?"),
        ("qqqqqqqq=1", "conf/ holds all there are"),
        ("search.space={x: 1}", "Key 'x'"),
        ("model.params.lr_bu=1", "use +model.params.lr_bu=1"),
        ("data", "data: write it as KEY=VALUE"),
        ("data.source=elsewhere", "sample, folder, download"),
        ("==", "=="),
        ("search.n_trials", "search.n_trials"),
    ],
)
def test_a_wrong_override_is_refused_with_what_is_allowed(override, said):
    with pytest.raises(ConfigError) as caught:
        compose([override], CONF)

    assert said in str(caught.value)
    assert "Traceback" not in str(caught.value)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("search.storage", "postgresql+psycopg://ana:swordfish@host/trials"),
        ("search.storage", "postgresql+psycopg://:sw@rdfish@host/trials"),
        ("search.storage", "postgresql+psycopg://host/trials?user=ana&password=swordfish"),
        ("recommend.database", "postgresql://ana:swordfish@host/lists"),
        ("tracking.uri", "https://ana:swordfish@mlflow.example.org"),
    ],
)
def test_a_password_is_kept_out_of_the_configuration_and_of_the_error(key, value):
    with pytest.raises(ConfigError, match=f"{key} has a password in it") as caught:
        compose([f"{key}='{value}'"], CONF)

    assert "fish" not in str(caught.value)


def test_a_server_is_where_the_environment_says(monkeypatch, caplog):
    caplog.set_level("INFO")
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    assert compose(["tracking=server"], CONF).tracking.uri == "http://127.0.0.1:5000"
    assert compose([], CONF).tracking.uri == "sqlite:///mlflow.db"

    monkeypatch.setenv("MLFLOW_TRACKING_URI", "https://mlflow.example.org")
    assert compose(["tracking=server"], CONF).tracking.uri == "https://mlflow.example.org"
    monkeypatch.chdir(CONF.parent)
    assert resolve([]).tracking.uri == "https://mlflow.example.org"
    assert "https://mlflow.example.org, as MLFLOW_TRACKING_URI says" in caplog.text
    assert resolve(["tracking.uri=http://a:1"]).tracking.uri == "http://a:1"
    assert caplog.text.count("MLFLOW_TRACKING_URI") == 1


def test_outside_the_project_the_error_names_the_missing_file(tmp_path):
    with pytest.raises(ConfigError, match=r"config\.yaml does not exist"):
        compose(conf=tmp_path)


@pytest.mark.parametrize(
    "text", ["", "- 1", "data: [", "data: {source: sample}", "nonsense", "data: {source: x}"]
)
def test_a_broken_resolved_file_is_refused_by_name(text, tmp_path):
    path = tmp_path / "params.yaml"
    path.write_text(text)

    with pytest.raises(ConfigError, match=r"params\.yaml"):
        load(path)


def test_a_resolved_file_with_a_foreign_key_is_refused(tmp_path):
    path = tmp_path / "params.yaml"
    plain = to_plain(compose(conf=CONF))
    plain["search"]["n_trails"] = 3
    path.write_text(yaml.safe_dump(plain))

    with pytest.raises(ConfigError, match="n_trails"):
        load(path)


def test_the_same_values_are_the_same_text():
    assert to_yaml(compose(conf=CONF)) == to_yaml(compose(conf=CONF))


@pytest.mark.parametrize(
    ("override", "loop"),
    [
        (
            "search.n_trials=2,4",
            "for value in 2 4; do cartelera repro search.n_trials=$value; done",
        ),
        ("data=folder,sample", "for value in folder sample; do cartelera repro data=$value; done"),
        ("search.seed=range(1,4)", "for value in ...; do cartelera repro search.seed=$value; done"),
    ],
)
def test_several_values_for_a_key_are_answered_with_what_to_type(override, loop):
    with pytest.raises(ConfigError, match=re.escape(loop)):
        compose([override])
