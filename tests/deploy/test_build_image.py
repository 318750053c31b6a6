"""What the engine is told to build, seen by an engine that keeps it instead."""

import os
import re
import subprocess
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
# as BentoML generates it
GENERATED = """\
FROM python:3.11-slim AS base-container
RUN command -v uv >/dev/null || pip install uv
RUN uv --directory $INSTALL_ROOT pip install -r $BENTO_PATH/env/python/requirements.txt
"""
ENGINE = """\
#!/bin/sh
[ "$1" = build ] || { echo '[{"size": 1}]'; exit; }
while [ "$1" != --file ]; do shift; done
cp "$2" "$BUILT"
"""


def built(folder: Path, requirements: str, **variables: str) -> str:
    """Return the Dockerfile of a Bento with these requirements."""
    bento = folder / "bento"
    for name, text in {
        "bento.yaml": "version: tiny\n",
        "env/docker/Dockerfile": GENERATED,
        "env/python/requirements.txt": requirements,
    }.items():
        (bento / name).parent.mkdir(parents=True, exist_ok=True)
        (bento / name).write_text(text)
    engine = folder / "buildah"
    engine.write_text(ENGINE)
    engine.chmod(0o755)

    variables |= {"BENTO": str(bento), "ENGINE": "buildah", "BUILT": str(folder / "Dockerfile")}
    variables["PATH"] = f"{folder}:{os.environ['PATH']}"
    script = REPOSITORY / "deploy" / "build_image.sh"
    subprocess.run([script], env=os.environ | variables, check=True, capture_output=True)
    return (folder / "Dockerfile").read_text()


def test_hashes_are_asked_for_where_the_bento_has_them(tmp_path: Path):
    asked = "pip install --require-hashes -r $BENTO_PATH"
    assert asked in built(tmp_path, "alpha==1 \\\n    --hash=sha256:aa\n")
    assert asked not in built(tmp_path, "alpha==1\n")


def test_uv_is_that_of_the_lock(tmp_path: Path):
    (uv,) = re.findall(r"^uv==[\d.]+", (REPOSITORY / "requirements.lock").read_text(), re.M)
    assert f"|| pip install {uv}\n" in built(tmp_path, "alpha==1\n")


@pytest.mark.parametrize("given", [None, "python:3.11@sha256:" + "ab" * 32])
def test_it_is_built_on_bentomls_choice_or_on_what_is_named(tmp_path: Path, given: str | None):
    dockerfile = built(tmp_path, "alpha==1\n", **({"BASE_IMAGE": given} if given else {}))
    base = given or "python:3.11-slim"
    assert dockerfile.startswith(f"ARG BASE_IMAGE={base}\nFROM {base} AS base-container\n")
