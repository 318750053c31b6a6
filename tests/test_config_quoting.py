"""Any path can be said on the command line, in Hydra's grammar and through the environment."""

import shlex
from pathlib import Path

import pytest

from cartelera.config import compose, load
from cartelera.config_quoting import quoted
from cartelera.stages import compose as compose_stage

CONF = Path(__file__).parents[1] / "conf"
PATHS = [
    "/my films",
    "/films, new and old",
    "/it's mine",
    'a "quoted" name',
    """both ' and " in it""",
    "/películas/año #1",
    "/100%/[old] {new}",
    "/a=b;c&d",
    "C:\\films\\",
    "/back\\'slash",
    "s3://bucket/my films?x=1",
    "123",
    "true",
    "(all)",
]


@pytest.mark.parametrize("path", PATHS)
def test_any_path_is_taken_as_it_is(path):
    assert compose(["data=folder", f"data.path={path}"]).data.path == path


@pytest.mark.parametrize("path", PATHS[:6])
def test_the_environment_hands_paths_on(path, tmp_path, monkeypatch):
    (tmp_path / "conf").symlink_to(CONF)
    monkeypatch.chdir(tmp_path)
    words = shlex.join(["data=folder", f"data.path={path}"])
    monkeypatch.setenv(compose_stage.OVERRIDES_VARIABLE, words)
    monkeypatch.setattr(compose_stage.folder, "digest_at", lambda *_: "unread")

    compose_stage.run()

    assert load().data.path == path


@pytest.mark.parametrize(
    "override",
    [
        "data=folder",
        "search.n_trials=5",
        "data.path='/my films'",
        'data.path="/my films"',
        "etl.id_pattern=null",
        "serve.feedback=${data.path}",
        "etl.null_words=[a, b]",
        "~catalogue.platforms.hulu",
    ],
)
def test_what_needs_no_quotes_gets_none(override):
    assert quoted(override) == override


def test_patterns_and_names_of_columns_and_files_are_texts():
    settings = compose(
        [
            "etl.id_pattern=[a-z0-9._-]+",
            "etl.columns.title=Title (original)",
            "catalogue.platforms.hulu.file=my films.csv",
        ]
    )
    assert settings.etl.id_pattern == "[a-z0-9._-]+"
    assert settings.etl.columns["title"] == "Title (original)"
    assert settings.catalogue.platforms["hulu"].file == "my films.csv"
