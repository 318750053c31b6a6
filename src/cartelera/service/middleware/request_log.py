"""Log lines of the served process: one JSON object each, on standard output.

A request's line has its method, route, status, time and id: the route as it is written in the
code (`/api/titles/{title_id}`), so that neither what somebody searched for nor who asked is kept.
"""

import json
import logging
import sys
from datetime import UTC, datetime
from typing import Any, Final

_LOGGER: Final = logging.getLogger("cartelera")
_REQUESTS: Final = logging.getLogger("cartelera.requests")
_FIELDS: Final = "fields"


class JsonLines(logging.Formatter):
    """Formats a record as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        """Return time, level, logger and message, or the fields of a request's line."""
        content: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
        }
        fields = getattr(record, _FIELDS, None)
        if fields is None:
            content |= {"logger": record.name, "message": record.getMessage()}
        else:
            content |= fields
        if record.exc_info:
            content["trace"] = self.formatException(record.exc_info)
        return json.dumps(content, ensure_ascii=False)


def set_up() -> None:
    """Send this package's log lines to standard output as JSON; once a process is enough."""
    if not any(isinstance(handler.formatter, JsonLines) for handler in _LOGGER.handlers):
        handler = logging.StreamHandler(sys.stdout)
        handler.setFormatter(JsonLines())
        _LOGGER.addHandler(handler)
    _LOGGER.setLevel(logging.INFO)
    _LOGGER.propagate = False


def log_request(method: str, route: str, status: int, seconds: float, request_id: str) -> None:
    """Write a request's line."""
    fields = {
        "request_id": request_id,
        "method": method,
        "route": route,
        "status": status,
        "ms": round(seconds * 1000, 2),
    }
    _REQUESTS.info("request", extra={_FIELDS: fields})
