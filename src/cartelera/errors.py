"""Errors a person can act on: the command line prints their message without a traceback."""


class CarteleraError(Exception):
    """Something the caller can mend; the message names what is wrong and the fix."""


class InputError(CarteleraError):
    """Data that breaks its contract: a missing file or column, a wrong encoding, a bad value."""


class ConfigError(CarteleraError):
    """A setting that does not exist, has the wrong type or lies outside its range."""
