"""What the documentation says can be followed: links, paths, commands, settings and the stages."""

import ast
import dataclasses
import json
import re
import shlex
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml

from cartelera.cli import app
from cartelera.config import compose, to_plain
from cartelera.config_sources import SOURCES

REPOSITORY = Path(__file__).parents[1]
CONF = REPOSITORY / "conf"
DOCS = [
    *sorted(REPOSITORY.glob("*.md")),
    *sorted((REPOSITORY / "docs").glob("*.md")),
    REPOSITORY / "benchmarks" / "README.md",
]
HABITS = REPOSITORY / "docs" / "habits.md"
# made by a run or by the reader
NOT_IN_GIT = ("conf/local", "deploy/.env")


def of_documents(documents: list[Path]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize(
        "document", documents, ids=lambda path: str(path.relative_to(REPOSITORY))
    )


each_document = of_documents(DOCS)
# what people type by habit is often wrong here; tests/e2e runs it
each_guide = of_documents([path for path in DOCS if path != HABITS])


def code_blocks(document: Path, *languages: str) -> list[str]:
    blocks = re.findall(r"^```(\w*)\n(.*?)^```$", document.read_text(), re.MULTILINE | re.DOTALL)
    return [block for language, block in blocks if language in languages]


def inline_code(document: Path) -> list[str]:
    prose = re.sub(r"^```.*?^```$", "", document.read_text(), flags=re.MULTILINE | re.DOTALL)
    return [" ".join(code.split()) for code in re.findall(r"`([^`]+)`", prose)]


def commands(document: Path, program: str) -> list[list[str]]:
    """Give the words after a program's name wherever a document calls it."""
    lines: list[str] = inline_code(document)
    for block in code_blocks(document, "sh", "console"):
        lines.extend(re.sub(r"\\\n", " ", block).splitlines())
    lines.extend(re.findall(r"^    (.*)$", document.read_text(), re.MULTILINE))
    calls = (re.match(rf"(?:\$ )?{program} (.*)", line.strip()) for line in lines)
    return [shlex.split(call[1], comments=True) for call in calls if call]


def anchors(document: Path) -> set[str]:
    headings = re.findall(r"^#+ (.*)$", document.read_text(), re.MULTILINE)
    kept = (re.sub(r"[^\w\- ]", "", heading.lower()) for heading in headings)
    return {heading.replace(" ", "-") for heading in kept}


def settings() -> set[str]:
    """Give every setting as overrides write it, of all sources of data."""

    def walk(section: dict[str, Any], prefix: str) -> set[str]:
        names: set[str] = set()
        for key, value in section.items():
            names.add(f"{prefix}{key}")
            if isinstance(value, dict):
                names |= walk(value, f"{prefix}{key}.")
        return names

    of_sources = {
        f"data.{field.name}" for source in SOURCES.values() for field in dataclasses.fields(source)
    }
    return walk(to_plain(compose(conf=CONF)), "") | of_sources


@each_document
def test_links_lead_somewhere(document: Path):
    for target in re.findall(r"\]\(([^)\s]+)\)", document.read_text()):
        if not target.startswith(("http://", "https://")):
            path, _, anchor = target.partition("#")
            file = document.parent / path if path else document
            assert file.exists(), target
            assert not anchor or anchor in anchors(file), target


@each_document
def test_paths_that_are_named_exist(document: Path):
    path_of_ours = r"(?:src|conf|deploy|docs|tests|benchmarks)/[\w./-]*"
    for code in inline_code(document):
        if re.fullmatch(path_of_ours, code) and not code.startswith(NOT_IN_GIT):
            assert (REPOSITORY / code).exists(), code


@each_guide
def test_calls_of_the_command_line_would_be_taken(document: Path):
    names = set(typer.main.get_group(app).commands)
    for command, *words in commands(document, "cartelera"):
        assert command in names or command.startswith("-") or command.isupper(), command
        overrides = [word for word in words if "=" in word and not word.startswith("-")]
        compose([word for word in overrides if not word.endswith("=VALUE")], CONF)


@each_guide
def test_targets_of_make_exist(document: Path):
    targets = set(
        re.findall(r"^([a-z0-9-]+):", (REPOSITORY / "Makefile").read_text(), re.MULTILINE)
    )
    for words in commands(document, "make"):
        named = {word for word in words if "=" not in word} - {"&&", "make"}
        assert named <= targets, words


@each_guide
def test_entry_points_of_mlproject_exist(document: Path):
    entries = yaml.safe_load((REPOSITORY / "MLproject").read_text())["entry_points"]
    for words in commands(document, "mlflow run"):
        entry = words[words.index("-e") + 1] if "-e" in words else "main"
        assert entry in entries
        given = {words[at + 1].partition("=")[0] for at, word in enumerate(words) if word == "-P"}
        assert given <= entries[entry]["parameters"].keys()


@each_guide
def test_settings_that_are_named_exist(document: Path):
    known = settings()
    groups = "|".join(sorted({name.partition(".")[0] for name in known}))
    free = ("search.sampler.", "search.pruner.", "search.space.", "model.params.")
    for code in inline_code(document):
        for name in re.findall(rf"(?:^|\s)((?:{groups})\.[a-z_][\w.]*)(?=$|=|\s)", code):
            is_file = re.search(r"\.(html|json|csv|py|yaml|md|parquet)$", name)
            assert is_file or name.startswith(free) or name in known, name


@each_document
def test_examples_are_well_formed(document: Path):
    for block in code_blocks(document, "python"):
        ast.parse(block)
    for block in code_blocks(document, "sh"):
        read = subprocess.run(["bash", "-n"], input=block, capture_output=True, text=True)
        assert read.returncode == 0, read.stderr


def test_the_table_of_stages_is_that_of_the_pipeline():
    stages = yaml.safe_load((REPOSITORY / "dvc.yaml").read_text())["stages"]
    tour = (REPOSITORY / "docs" / "tour.md").read_text()
    rows = dict(re.findall(r"^\| `(\w+)` \| .*? \| (.*) \|$", tour, re.MULTILINE))

    assert list(rows) == list(stages)
    for name, stage in stages.items():
        for out in [*stage["outs"], *stage.get("metrics", [])]:
            path = out if isinstance(out, str) else next(iter(out))
            assert f"`{path.removeprefix('data/')}`" in rows[name], (name, path)


def test_forty_habits_are_told():
    assert len(re.findall(r"^\| `", HABITS.read_text(), re.MULTILINE)) >= 40


def test_the_readme_is_short_enough_to_be_read():
    assert len((REPOSITORY / "README.md").read_text().split()) <= 1000


def test_the_readme_in_spanish_has_the_same_commands_figures_and_links():
    english, spanish = (REPOSITORY / name for name in ("README.md", "README.es.md"))
    for pattern in (
        r"^```\w+\n.*?^```$",  # blocks
        r"`[^`\n]+`",  # words of the machine
        r"\]\((?!README)([^)]+)\)",
        r"\d[\d.,]*\d",
    ):
        flags = re.MULTILINE | re.DOTALL
        found = [
            sorted(re.findall(pattern, each.read_text(), flags)) for each in (english, spanish)
        ]
        assert found[0] == found[1]


def test_ratios_against_the_better_peer_are_those_measured():
    benchmarks = REPOSITORY / "benchmarks"
    results = json.loads((benchmarks / "results" / "fit.json").read_text())["results"]
    peers = [results[name] for name in ("Cornac MF, 2 threads", "LIBMF, 2 threads")]
    page = " ".join((benchmarks / "README.md").read_text().split())

    for name, n_threads in (("Cartelera, 2 threads", 2), ("Cartelera, 1 thread", 1)):
        ours = results[name]
        better = map(min, *(peer["epochs"] for peer in peers))
        rounds = [theirs / own for theirs, own in zip(better, ours["epochs"], strict=True)]
        ratio = min(peer["ns_per_rating"] for peer in peers) / ours["ns_per_rating"]
        assert f"{ratio:.1f}x" in page, n_threads
        assert f"{min(rounds):.1f}x to {max(rounds):.1f}x)" in page, n_threads

    cornac = peers[0]
    assert 0.6 < cornac["prepare_seconds"] / cornac["whole_seconds"] < 0.7
    assert "`Dataset` takes two thirds of its time" in page
    seconds = f"({cornac['prepare_seconds']:.1f} of {cornac['whole_seconds']:.1f} s)"
    assert seconds in page
    whole = min(peer["whole_seconds"] for peer in peers)
    ours_whole = results["Cartelera, 2 threads"]["whole_seconds"]
    assert f"met; {whole / ours_whole:.1f}x against the better of Cornac and LIBMF" in page


def test_the_citation_is_of_this_version():
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]
    citation = yaml.safe_load((REPOSITORY / "CITATION.cff").read_text())
    assert citation["version"] == project["version"]
    assert citation["license"] == "MIT"


WORKFLOWS = sorted((REPOSITORY / ".github" / "workflows").iterdir())
each_workflow = pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.stem)


@each_workflow
def test_workflows_run_what_there_is_with_the_rights_each_job_needs(workflow: Path):
    content = yaml.safe_load(workflow.read_text())
    makefile = (REPOSITORY / "Makefile").read_text()

    assert content["permissions"] == {"contents": "read"}
    for job in content["jobs"].values():
        assert "steps" in job or (REPOSITORY / job["uses"]).is_file(), job
        for step in job.get("steps", []):
            run = step.get("run", "")
            assert not run.startswith("make ") or f"\n{run.split()[1]}" in makefile, run
            assert not run.startswith(".ci/") or (REPOSITORY / run).is_file(), run


@each_workflow
def test_actions_are_named_by_commit_with_their_version(workflow: Path):
    for action in re.findall(r"uses: (?!\./)(.*)", workflow.read_text()):
        assert re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40}  # v\d+(\.\d+){2}", action)


@pytest.mark.parametrize(
    "path",
    [REPOSITORY / ".ci" / "run", *WORKFLOWS, *sorted((REPOSITORY / "deploy").glob("*.Dockerfile"))],
    ids=lambda path: path.name,
)
def test_uv_is_installed_in_the_version_of_the_lock(path: Path):
    (locked,) = re.findall(r"^uv==[\d.]+", (REPOSITORY / "requirements.lock").read_text(), re.M)
    text = path.read_text()
    assert set(re.findall(r"uv==\d[\d.]*", text)) <= {locked}
    assert not re.search(r"\binstall [^|&\n]*\buv(?![=\w])", text)
