"""A stage by its name, as the pipeline starts it: `python -m cartelera.stages etl`."""

import gc
import sys
from importlib import import_module

# What is imported stays: looking through it for garbage takes a tenth of a stage's start.
gc.disable()
stage = import_module(f"cartelera.stages.{sys.argv[1]}")
runner = import_module("cartelera.stages.runner")
gc.freeze()
gc.set_threshold(50_000, 20, 50)  # drawing makes many objects and little garbage
gc.enable()

runner.main(stage.run)
