"""Building the Bento: the served modules, the bundle and pinned requirements in one folder."""

import ast
import compileall
import hashlib
import logging
import py_compile
import re
import shutil
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import bentoml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from cartelera import files
from cartelera.service import materials
from cartelera.service.bento_home import require_bento_home
from cartelera.service.bundle.layout import FOLDER_NAME, Bundle

logger = logging.getLogger(__name__)

PACKAGE = "cartelera"
NAME = "cartelera-service"
"""Of the Bento; under the package's own, `bentoml serve NAME:latest` would import the package."""
PROJECT_LABEL = "project"
SERVICE_MODULE = "cartelera.service.service"
SERVICE = f"{SERVICE_MODULE}:Cartelera"
SERVED_EXTRA = "serve"
_ABOUT = "bento.yaml"
_REQUIREMENTS = "env/python/requirements.txt"
_LOCK = Path("requirements.lock")
_LOCKED = re.compile(r"^([^\s=]+==[^\s;]+).*((?:\n\s+--hash=.*)+)", re.MULTILINE)

_FOLDER = Path(__file__).parents[1]

_TEXT_SUFFIXES = frozenset({".css", ".j2", ".js", ".yaml"})

_DESCRIPTION = """# Cartelera

Questions about streaming catalogues, predicted ratings and recommendations over HTTP.
`src/bundle/` holds the model with its card, the titles, the scores and what each user has seen.
"""


def build(context: Path, target: Path, former: Path | None = None) -> bentoml.Bento:
    """Build the Bento from a folder with the bundle, and leave a copy of it in a plain folder.

    The Bento also goes to BentoML's store (`BENTOML_HOME`), for `bentoml list` and `bentoml
    containerize`, and so does the model in it, for `bentoml models list`. Their version is a digest
    of the Bento's content. The project's earlier ones leave the store, which would grow for ever.

    Args:
        context: The bundle is in it; the served modules are added.
        target: The folder to make, ready for `bentoml serve`; the one around it tells the project.
        former: The folder of the last time, if there is one: the same content keeps its moment.

    Returns:
        The Bento in the store.

    Raises:
        InputError: If nothing can be written to BentoML's folder.
    """
    require_bento_home()
    copy_modules(context)
    requirements = pinned_requirements()
    bill = sorted([*requirements, f"bentoml=={metadata.version('bentoml')}"])
    materials.write_bill(context / materials.FILE_NAME, bill)
    hashed = with_hashes(bill, _LOCK)
    version = content_digest(context, hashed)
    project = hashlib.sha256(str(target.resolve().parent).encode()).hexdigest()[:16]
    labels = {PROJECT_LABEL: project}
    _forget(labels, f"{NAME}:{version}")
    _store_model(Bundle(context / FOLDER_NAME), version, labels)
    bento = bentoml.build(
        SERVICE,
        name=NAME,
        labels=labels,
        version=version,
        description=_DESCRIPTION,
        python={"packages": requirements, "lock_packages": False},
        build_ctx=str(context),
    )
    # BentoML adds a line of its own, which has no hash.
    (Path(bento.path) / _REQUIREMENTS).write_text("\n".join([*hashed, ""]), encoding="utf-8")
    shutil.copytree(bento.path, target)
    if former is not None:
        _keep_moment(former / _ABOUT, target / _ABOUT)
    compile_modules(target / "src" / PACKAGE)
    logger.info("Built %s.", bento.tag)
    return bento


def _keep_moment(former: Path, about: Path) -> None:
    """Keep what was said of a Bento before, if it says the same but for when it was built."""

    def told(path: Path) -> list[str]:
        lines = path.read_text(encoding="utf-8").splitlines()
        return [line for line in lines if not line.startswith("creation_time:")]

    if former.is_file() and told(former) == told(about):
        shutil.copyfile(former, about)


def copy_modules(folder: Path) -> None:
    """Copy the modules the service imports, directly or not, as a package into a folder.

    The templates, styles, scripts and words of a package go with it.
    """
    for module in served_modules():
        source = _source(module)
        texts = _texts(source.parent) if source.stem == "__init__" else ()
        for path in (source, *texts):
            copy = folder / PACKAGE / path.relative_to(_FOLDER)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, copy)


def _texts(package: Path) -> Iterator[Path]:
    """Find the text files of a package: beside its modules and in folders of its own."""
    for path in sorted(package.iterdir()):
        if path.suffix in _TEXT_SUFFIXES:
            yield path
        elif path.is_dir() and not (path / "__init__.py").exists():
            yield from _texts(path)


def compile_modules(folder: Path) -> None:
    """Compile a copied package, so that no worker has to where nothing may be written.

    Python compares what it finds with the source's digest: a changed module is compiled anew.
    """
    mode = py_compile.PycInvalidationMode.CHECKED_HASH
    compileall.compile_dir(folder, quiet=1, invalidation_mode=mode, stripdir=folder.parent)


def served_modules() -> list[str]:
    """Name the modules of this package that the service imports, by reading the code."""
    found: set[str] = set()
    waiting = [SERVICE_MODULE]
    while waiting:
        module = waiting.pop()
        if module in found:
            continue
        found.add(module)
        if parent := module.rpartition(".")[0]:
            waiting.append(parent)
        waiting.extend(_imported_by(module))
    return sorted(found)


def _imported_by(module: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(_source(module).read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        else:
            continue
        yield from (name for name in names if _find_source(name))


def _source(module: str) -> Path:
    source = _find_source(module)
    if source is None:
        raise ModuleNotFoundError(f"{module} has no source file")
    return source


def _find_source(name: str) -> Path | None:
    """Find the file of one of this package's modules; to ask Python would import its parents."""
    package, *inside = name.split(".")
    if package != PACKAGE:
        return None
    path = _FOLDER.joinpath(*inside)
    sources = (path / "__init__.py", path.with_suffix(".py"))
    return next(filter(Path.is_file, sources), None)


def pinned_requirements() -> list[str]:
    """Pin what the served process needs, with all it depends on, to the installed versions.

    BentoML is left out at the top: it adds its own version to every Bento.

    Returns:
        Lines `name==version`, sorted.
    """
    pins: dict[str, str] = {}
    waiting = [Requirement(f"{PACKAGE}[{SERVED_EXTRA}]")]
    done: set[tuple[str, frozenset[str]]] = set()
    while waiting:
        requirement = waiting.pop()
        key = (canonicalize_name(requirement.name), frozenset(requirement.extras))
        if key in done:
            continue
        done.add(key)
        distribution = metadata.distribution(requirement.name)
        pins[key[0]] = distribution.version
        for line in distribution.requires or []:
            needed = Requirement(line)
            if _applies(needed, key[1]):
                waiting.append(needed)
    return [f"{name}=={pins[name]}" for name in sorted(pins) if name not in (PACKAGE, "bentoml")]


def _applies(requirement: Requirement, extras: frozenset[str]) -> bool:
    if requirement.marker is None:
        return True
    return any(requirement.marker.evaluate({"extra": extra}) for extra in ("", *extras))


def with_hashes(pins: list[str], lock: Path) -> list[str]:
    """Return requirements with the hashes a lock has of them, so that nothing else is installed.

    Args:
        pins: Lines `name==version`.
        lock: What `make lock` writes; a project that `cartelera init` laid out has none.

    Returns:
        The same lines, all with hashes, or none if there is no lock or it lacks one of them: pip
        takes no mixture.
    """
    locked = dict(_LOCKED.findall(lock.read_text(encoding="utf-8"))) if lock.is_file() else {}
    if missing := [pin for pin in pins if pin not in locked]:
        logger.info("Without hashes: %s is not in %s.", missing[0], lock)
        return pins
    return [f"{pin} \\{locked[pin]}" for pin in pins]


def content_digest(folder: Path, requirements: list[str]) -> str:
    """Digest the files of a folder and the requirements into a Bento version of 16 characters."""
    paths = filter(Path.is_file, folder.rglob("*"))
    content = files.digest_of({path.relative_to(folder).as_posix(): path for path in paths})
    return hashlib.sha256("\n".join([*requirements, content]).encode()).hexdigest()[:16]


def _forget(labels: dict[str, str], tag: str) -> None:
    """Remove from BentoML's store what carries these labels, and what a copied project calls so."""
    for store in (bentoml.bentos, bentoml.models):
        for stored in store.list():
            if labels.items() <= stored.info.labels.items() or str(stored.tag) == tag:
                store.delete(stored.tag)


def _store_model(bundle: Bundle, version: str, labels: dict[str, str]) -> None:
    """Put a copy of the models into BentoML's store, with what is registered about them."""
    about = files.read_json(bundle.registered)
    known = {key: str(about[key]) for key in ("name", "version", "trained_at") if about.get(key)}
    with bentoml.models.create(f"{NAME}:{version}", labels=labels, metadata=known) as model:
        shutil.copytree(bundle.factors, model.path, dirs_exist_ok=True)
