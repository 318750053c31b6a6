"""Any path can be said on the command line, in Hydra's grammar and through the environment."""

import shlex

import pytest

from cartelera.config import compose
from cartelera.config_quoting import quoted
from cartelera.stages import compose as compose_stage

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
def test_the_environment_hands_paths_on(path, monkeypatch):
    seen = {}
    words = shlex.join(["data=folder", f"data.path={path}"])
    monkeypatch.setenv(compose_stage.OVERRIDES_VARIABLE, words)
    monkeypatch.setattr(
        compose_stage, "resolve", lambda overrides: seen.update(path=compose(overrides).data.path)
    )
    monkeypatch.setattr(compose_stage, "save", lambda *args: args[1].write_text(""))
    monkeypatch.setattr(compose_stage, "PARAMS_FILE", compose_stage.Path("/dev/null"))
    monkeypatch.setattr(compose_stage, "all_or_nothing", _nothing)
    compose_stage.run()
    assert seen["path"] == path


class _nothing:  # noqa: N801
    def __init__(self, *targets):
        self.targets = targets

    def __enter__(self):
        return self.targets

    def __exit__(self, *args):
        return False


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
