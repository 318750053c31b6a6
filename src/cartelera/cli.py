"""The command line: the whole pipeline, one stage by hand, or the service."""

import os
import shlex
import sys
from importlib import import_module
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from cartelera import config, logs
from cartelera.errors import InputError
from cartelera.paths import Paths
from cartelera.stages import compose
from cartelera.stages.runner import with_readable_errors

STAGES = {
    "acquire": "Bring the raw files to data/raw.",
    "etl": "Clean titles and ratings; every raw row is accounted for.",
    "eda": "Write the exploratory report and the model-ready tables.",
    "split": "Part the ratings in train and test.",
    "search": "Search hyperparameters with Optuna.",
    "train": "Fit the best parameters on the train part.",
    "evaluate": "Measure the model and the baselines on the test part.",
    "register": "Register the model in MLflow; the gate moves `champion`.",
    "package": "Build the Bento that serves model and queries.",
}

Overrides = Annotated[
    list[str] | None,
    typer.Argument(help="Hydra overrides, such as data=folder data.path=DIR search.n_trials=50."),
]

app = typer.Typer(
    help="From raw streaming catalogues and ratings to a served recommender.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)


def main() -> None:
    """Run the command line."""
    logs.set_up()
    app()


@app.command()
def repro(
    overrides: Overrides = None,
    force: Annotated[bool, typer.Option(help="Run every stage, changed or not.")] = False,
) -> None:
    """Run the whole pipeline: every stage whose input, settings or code changed."""

    def work() -> None:
        compose.resolve(overrides or [])  # a wrong override fails here, before DVC starts
        environment = _environment() | {compose.OVERRIDES_VARIABLE: shlex.join(overrides or [])}
        command = ["dvc", "repro", *(["--force"] if force else [])]
        _become(command, environment)

    with_readable_errors(work)


@app.command(name="compose")
def compose_config(overrides: Overrides = None) -> None:
    """Resolve conf/ and overrides into params.yaml."""
    os.environ[compose.OVERRIDES_VARIABLE] = shlex.join(overrides or [])
    with_readable_errors(compose.run)


@app.command()
def serve(overrides: Overrides = None) -> None:
    """Serve the packaged model and the queries over HTTP."""

    def work() -> None:
        settings = config.compose(overrides or []).serve
        bento = Paths().bento
        if not (bento / "bento.yaml").is_file():
            raise InputError(f"{bento} holds no built service: run `cartelera repro` first.")
        address = ["--host", settings.host, "--port", str(settings.port)]
        _become(["bentoml", "serve", str(bento.resolve()), *address], _environment())

    with_readable_errors(work)


def _environment() -> dict[str, str]:
    """Let child processes find this environment's programs first, activated or not."""
    programs = str(Path(sys.executable).parent)
    return os.environ | {
        "PATH": os.pathsep.join([programs, os.environ.get("PATH", os.defpath)]),
        "BENTOML_DO_NOT_TRACK": "True",
    }


def _become(command: list[str], environment: dict[str, str]) -> NoReturn:
    """Go on as another program, so that signals and the exit status are its own."""
    sys.stdout.flush()
    sys.stderr.flush()
    os.execvpe(command[0], command, environment)  # noqa: S606


def _add_stage(name: str, summary: str) -> None:
    def command(overrides: Overrides = None) -> None:
        stage = import_module(f"cartelera.stages.{name}")
        with_readable_errors(lambda: stage.run(compose.resolve(overrides or []), Paths()))

    app.command(name=name, help=f"{summary} Reads what the stages before it left.")(command)


for _name, _summary in STAGES.items():
    _add_stage(_name, _summary)
