"""What holds for all tests."""

from hypothesis import settings

# The same examples at every run, on however slow a machine.
settings.register_profile("cartelera", derandomize=True, deadline=None)
settings.load_profile("cartelera")
