"""Databases in words: their URLs without what is secret, their errors in one line."""

import sqlalchemy


def place(url: sqlalchemy.URL) -> str:
    """Name a database without user, password or options."""
    port = f":{url.port}" if url.port else ""
    return f"{url.get_backend_name()}://{url.host or ''}{port}/{url.database or ''}"


def summary(error: Exception) -> str:
    """Return the driver's own words, which hold no password, on one line."""
    cause: BaseException = error
    while cause.__cause__ is not None:
        cause = cause.__cause__
    return " ".join(str(cause).split()) or type(cause).__name__
