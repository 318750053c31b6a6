"""The command line: the whole pipeline, one stage by hand, or the service."""

import logging
import math
import os
import shlex
import shutil
import socket
import subprocess
import sys
from importlib import import_module, metadata
from pathlib import Path
from types import ModuleType
from typing import Annotated, NoReturn

import typer

from cartelera import logs
from cartelera.errors import InputError
from cartelera.paths import Paths
from cartelera.service.middleware.keys import VARIABLE, read_keys
from cartelera.stages.runner import with_readable_errors

STAGES = {
    "acquire": "Bring the raw files to data/raw.",
    "etl": "Clean titles and ratings; every raw row is accounted for.",
    "eda": "Write the exploratory report and the model-ready tables.",
    "split": "Split the ratings into train and test.",
    "search": "Search hyperparameters with Optuna.",
    "train": "Fit the best parameters on the train part.",
    "evaluate": "Measure the model and the baselines on the test part.",
    "register": "Register the model in MLflow; the gate moves `champion`; fetch what ships.",
    "recommend": "List the best titles of every user.",
    "package": "Build the Bento that serves model and queries.",
}

# an override of each stage, for its help
EXAMPLES = {
    "acquire": "data=folder data.path=DIR",
    "etl": "etl.repair_durations=false",
    "eda": "eda.n_permutations=199",
    "split": "split=random",
    "search": "search.n_trials=50",
    "train": "model.ship_on=train",
    "evaluate": "evaluate.k=20",
    "register": "tracking.gate_margin_ndcg=0.005",
    "recommend": "recommend.k=20",
    "package": "serve.recommend_at=4",
}
_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_NO_PROXY = (
    "The server waits for headers however long they take: put a proxy in front of it, and say how "
    "many there are in serve.n_proxies."
)
OF_STAGES = "One stage by hand, on what the stages before it left"
OF_MODELS = "Registered models"

Overrides = Annotated[
    list[str] | None,
    typer.Argument(metavar="KEY=VALUE", help="Settings for this time; conf/ holds all there are."),
]
Reason = Annotated[str, typer.Option(help="Why; kept with the version for those who come after.")]

logger = logging.getLogger(__name__)

app = typer.Typer(
    help="From raw streaming catalogues and ratings to a served recommender. Run it in the "
    "project's folder.",
    epilog="Exit status: 0 done, 1 an error that is told, 2 a wrong call, 130 stopped by Ctrl-C, "
    "255 a stage of `repro` failed or was stopped.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"cartelera {metadata.version('cartelera')}")
        raise typer.Exit


def main() -> None:
    """Run the command line."""
    logs.set_up()
    app()


@app.callback()
def options(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    """Take the options of the program itself."""


@app.command(epilog="Example: cartelera init my-project")
def init(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Made if it is not there.")],
) -> None:
    """Lay out a project of your own: settings, pipeline and entry points."""

    def work() -> None:
        import_module("cartelera.new_project").lay_out(folder)
        logger.info("%s is laid out. Next: cd %s && cartelera repro", folder, folder)

    with_readable_errors(work)


@app.command(epilog="Example: cartelera repro data=folder data.path=DIR search.n_trials=50")
def repro(
    overrides: Overrides = None,
    force: Annotated[bool, typer.Option(help="Run every stage, changed or not.")] = False,
) -> None:
    """Run the whole pipeline: every stage whose input, settings or code changed."""

    def work() -> None:
        data = Paths().root
        if data.is_symlink():
            raise InputError(
                f"{data} is a symbolic link, into which DVC writes nothing: make it a folder. To "
                "keep large files on another disk, put the whole project or DVC's cache there "
                "(`dvc cache dir FOLDER`)."
            )

        compose = _compose()
        compose.resolve(overrides or [])  # a wrong override fails here, before DVC starts
        environment = _environment() | {compose.OVERRIDES_VARIABLE: shlex.join(overrides or [])}
        command = ["dvc", "repro", *(["--force"] if force else [])]
        _become(command, environment)

    with_readable_errors(work)


@app.command(name="compose", epilog="Example: cartelera compose search=quick split=random")
def compose_config(overrides: Overrides = None) -> None:
    """Resolve conf/ and overrides into params.yaml."""

    def work() -> None:
        compose = _compose()
        os.environ[compose.OVERRIDES_VARIABLE] = shlex.join(overrides or [])
        compose.run()

    with_readable_errors(work)


@app.command(epilog="Example: cartelera serve serve.port=8080")
def serve(overrides: Overrides = None) -> None:
    """Serve the packaged model and the queries over HTTP, until Ctrl-C."""

    def work() -> None:
        params_file = import_module("cartelera.stages.params_file")
        settings = params_file.settings(overrides or [], "serve.").config.serve

        # Each is refused before anything starts, with the way out.
        bento = Paths().bento
        if not (bento / "bento.yaml").is_file():
            raise InputError(f"{bento} holds no built service: run `cartelera repro` first.")
        import_module("cartelera.service.bento_home").require_bento_home()
        _require_key(settings.host, settings.open)
        if settings.host not in _LOOPBACK and not settings.n_proxies:
            logger.warning(_NO_PROXY)
        _require_free(settings.host, settings.port)

        served = import_module("cartelera.service.service_settings").ServiceSettings.of(settings)
        options = {
            "--host": settings.host,
            "--port": settings.port,
            "--timeout-graceful-shutdown": math.ceil(served.stop_timeout_s) + 1,
        }

        command = ["bentoml", "serve", str(bento.resolve())]
        for option, value in options.items():
            command.extend([option, str(value)])
        _become(command, _environment() | served.as_variable() | _feedback(settings.feedback))

    with_readable_errors(work)


@app.command(rich_help_panel=OF_MODELS)
def models() -> None:
    """List the registered versions: which one ships, how good they are, and why."""
    with_readable_errors(lambda: _model_commands().show_models())


@app.command(rich_help_panel=OF_MODELS)
def promote(
    reason: Reason,
    version: Annotated[
        int | None, typer.Argument(help="The version; the candidate by default.", min=1)
    ] = None,
) -> None:
    """Make a version the champion, whatever the gate said; the next `repro` packages it."""
    with_readable_errors(lambda: _model_commands().promote_model(version, reason))


@app.command(rich_help_panel=OF_MODELS)
def rollback(reason: Reason) -> None:
    """Go back to the champion before, and keep the gate from undoing it."""
    with_readable_errors(lambda: _model_commands().roll_back_model(reason))


# What brings MLflow or Hydra with it is imported when it is needed: it takes seconds, and the bare
# package does without.
def _model_commands() -> ModuleType:
    return import_module("cartelera.model_commands")


def _compose() -> ModuleType:
    return import_module("cartelera.stages.compose")


def _environment() -> dict[str, str]:
    """Let child processes find this environment's programs first, activated or not."""
    programs = str(Path(sys.executable).parent)
    return os.environ | {
        "PATH": os.pathsep.join([programs, os.environ.get("PATH", os.defpath)]),
        "BENTOML_DO_NOT_TRACK": "True",
    }


def _require_key(host: str, is_meant: bool) -> None:
    """Refuse to open the service to the network to everybody unless that is said."""
    if host not in _LOOPBACK and not is_meant and not read_keys():
        raise InputError(
            f"serve.host={host} opens the service to the network, and no key is set: whoever "
            f"reaches it could send ratings. Set {VARIABLE} (`openssl rand -hex 32` makes one), or "
            "say serve.open=true, with the names callers use in serve.allowed_hosts."
        )


def _require_free(host: str, port: int) -> None:
    """Refuse an address that cannot be listened on, before the server starts its processes."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        socket.create_server((host, port), family=family).close()
    except OSError as error:
        raise InputError(
            f"serve.host={host} serve.port={port} cannot be listened on: {error.strerror}. "
            "`cartelera serve serve.port=8080` takes another port."
        ) from error


def _feedback(folder: str) -> dict[str, str]:
    """Tell the service where to keep received ratings, unless the environment says so already."""
    name = import_module("cartelera.service.answering.feedback").FOLDER_VARIABLE
    return {name: os.environ.get(name) or str(Path(folder).resolve())}


def _become(command: list[str], environment: dict[str, str]) -> NoReturn:
    """Go on as another program, so that signals and the exit status are its own."""
    if shutil.which(command[0], path=environment.get("PATH")) is None:
        raise InputError(f"{command[0]} is not installed: `make install` installs all there is.")
    sys.stdout.flush()
    sys.stderr.flush()
    if os.name == "nt":  # where a process cannot become another one
        sys.exit(subprocess.run(command, env=environment, check=False).returncode)  # noqa: S603
    os.execvpe(command[0], command, environment)  # noqa: S606


def _add_stage(name: str, summary: str) -> None:
    def command(overrides: Overrides = None) -> None:
        def work() -> None:
            stage = import_module(f"cartelera.stages.{name}")
            stage.run(_compose().resolve(overrides or []), Paths())

        with_readable_errors(work)

    app.command(
        name=name,
        help=f"{summary} `cartelera repro` runs it, and those before it, when it is due.",
        short_help=summary,
        epilog=f"Example: cartelera {name} {EXAMPLES[name]}",
        rich_help_panel=OF_STAGES,
    )(command)


for _name, _summary in STAGES.items():
    _add_stage(_name, _summary)
