"""Stands in for `python`, `dvc` and `cartelera`: has the server fork, and ends as the fork does.

What the fork of a server is not for runs as it would without.
"""

# ruff: noqa: PTH100, PTH109, PTH118, PTH120
# It starts in no time because it does without pathlib.

import json
import os
import socket
import sys

FOLDER, NAME = os.path.split(os.path.abspath(sys.argv[0]))
ARGUMENTS = sys.argv[1:]


def is_warm() -> bool:
    """Tell whether a fork will do: not for a server, which gets signals and has children."""
    if NAME == "python":
        return ARGUMENTS[:1] == ["-m"] and ARGUMENTS[1].startswith("cartelera.stages")
    return ARGUMENTS[:1] != ["serve"]


def ask() -> int:
    """Hand everything to the server; wait for the exit status, negative after a signal."""
    asked = {
        "name": NAME,
        "arguments": ARGUMENTS,
        "cwd": os.getcwd(),
        "environment": {**os.environ},
    }
    with socket.socket(socket.AF_UNIX) as server:
        server.connect(os.path.join(FOLDER, "socket"))
        socket.send_fds(server, [b"."], [0, 1, 2])
        server.sendall(json.dumps(asked).encode() + b"\n")
        return int(server.makefile().readline())


if not is_warm():
    program = os.path.join(os.path.dirname(sys.executable), NAME)
    os.execv(program, [program, *ARGUMENTS])
status = ask()
if status < 0:
    os.kill(os.getpid(), -status)
sys.exit(status)
