"""The same mounted in a BentoML service, with the settings it comes with."""

import os

import bentoml
from fastapi import FastAPI

app = FastAPI()


@app.get("/hello")
def hello() -> dict[str, str]:
    """Say hello."""
    return {"hello": "world"}


@bentoml.asgi_app(app, path="/api")
@bentoml.service(name="hello", workers=int(os.environ.get("BENCH_WORKERS", "1")))
class Hello:
    """Nothing but the mounted application."""
