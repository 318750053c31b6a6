"""Where a request comes from."""

import ipaddress
from typing import Final

from starlette.types import Scope

_UNKNOWN: Final = "unknown"


def address_of(scope: Scope, n_proxies: int) -> str:
    """Return the address of whoever asks.

    Args:
        scope: The request.
        n_proxies: How many proxies in front can be trusted to have added their caller at the end of
            `X-Forwarded-For`. What stands before their entries is the caller's own claim.

    Returns:
        An IPv4 address, the /64 network of an IPv6 one (one household has all of it), or `unknown`.
    """
    peer = scope.get("client")
    address = peer[0] if peer else _UNKNOWN
    if n_proxies:
        lines = [value for name, value in scope["headers"] if name == b"x-forwarded-for"]
        hops = b",".join(lines).decode("latin-1").split(",")
        if len(hops) >= n_proxies and hops[-n_proxies].strip():
            address = hops[-n_proxies].strip()
    return _network(address)


def _network(address: str) -> str:
    if ":" not in address:
        return address[:64]
    try:
        return str(ipaddress.ip_network(f"{address}/64", strict=False))
    except ValueError:
        return address[:64]
