"""The programs of a pipeline as forks of one process that has imported what they import."""

PRELUDE = "CARTELERA_TEST_PRELUDE"
"""The variable that names a script to run in every fork before everything else."""
