"""A stage by its name, as the pipeline starts it: `python -m cartelera.stages etl`."""

import gc
import sys
from importlib import import_module
from importlib.util import find_spec

name = sys.argv[1] if len(sys.argv) == 2 else ""
if not name.isidentifier() or find_spec(f"cartelera.stages.{name}") is None:
    sys.exit("Name a stage, as in `python -m cartelera.stages etl`; `cartelera --help` lists them.")

# What is imported stays: looking through it for garbage takes a tenth of a stage's start.
gc.disable()
stage = import_module(f"cartelera.stages.{name}")
runner = import_module("cartelera.stages.runner")
gc.freeze()
gc.set_threshold(50_000, 20, 50)  # drawing makes many objects and little garbage
gc.enable()

runner.main(stage.run)
