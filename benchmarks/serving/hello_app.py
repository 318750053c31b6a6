"""A plain FastAPI application that does nothing: what the framework alone can do."""

from fastapi import FastAPI

app = FastAPI()


@app.get("/api/hello")
def hello() -> dict[str, str]:
    """Say hello."""
    return {"hello": "world"}
