"""The same questions as such projects usually answer them: a DataFrame filtered at each request.

The recommender is Surprise's SVD: a rating is predicted for every title the user has not rated, one
after the other, and the best are taken.
"""

import os
from collections import Counter
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pandas as pd
import surprise
from fastapi import FastAPI, HTTPException

FOLDER = Path(os.environ["BENCH_FOLDER"])


@asynccontextmanager
async def lifespan(app: FastAPI):
    """Read everything once."""
    app.state.titles = pd.read_csv(FOLDER / "titles.csv")
    app.state.scores = pd.read_csv(FOLDER / "scores.csv")
    _, app.state.model = surprise.dump.load(str(FOLDER / "svd.dump"))
    yield


app = FastAPI(lifespan=lifespan)


@app.get("/api/get_max_duration")
def get_max_duration(
    year: int | None = None, platform: str | None = None, duration_type: str = "min"
) -> dict[str, Any]:
    """Give the longest title."""
    titles = app.state.titles
    found = titles[titles.duration_type == duration_type]
    if year is not None:
        found = found[found.release_year == year]
    if platform is not None:
        found = found[found.platform == platform]
    if found.empty:
        return {"title": None}
    longest = found.loc[found.duration_int.idxmax()]
    return {"title": longest.title, "duration": int(longest.duration_int)}


@app.get("/api/get_score_count")
def get_score_count(
    scored: float, platform: str | None = None, year: int | None = None
) -> dict[str, int]:
    """Count the movies with a score above `scored`."""
    titles = app.state.titles
    found = titles[titles.type == "movie"]
    if platform is not None:
        found = found[found.platform == platform]
    if year is not None:
        found = found[found.release_year == year]
    rated = found.merge(app.state.scores, left_on="id", right_on="title_id")
    return {"count": int((rated.score > scored).sum())}


@app.get("/api/get_count_platform")
def get_count_platform(platform: str | None = None) -> dict[str, int]:
    """Count the movies of a platform."""
    titles = app.state.titles
    found = titles[titles.type == "movie"]
    if platform is not None:
        found = found[found.platform == platform]
    return {"count": len(found)}


@app.get("/api/get_actor")
def get_actor(platform: str | None = None, year: int | None = None) -> dict[str, Any]:
    """Give the actor in most titles."""
    titles = app.state.titles
    found = titles
    if platform is not None:
        found = found[found.platform == platform]
    if year is not None:
        found = found[found.release_year == year]
    actors = Counter[str]()
    for cast in found.cast.dropna():
        actors.update(actor.strip() for actor in cast.split(","))
    if not actors:
        return {"actor": None}
    actor, appearances = actors.most_common(1)[0]
    return {"actor": actor, "appearances": appearances}


@app.get("/api/recommend")
def recommend(
    user_id: int,
    k: int = 10,
    platforms: str = "amazon,disney,hulu,netflix",
    type: str = "all",  # noqa: A002 - the parameter's public name
) -> list[dict[str, Any]]:
    """Give the k titles with the highest predicted ratings."""
    titles, model = app.state.titles, app.state.model
    wanted = titles[titles.platform.isin(platforms.split(","))]
    if type != "all":
        wanted = wanted[wanted.type == type]
    try:
        rated = {
            model.trainset.to_raw_iid(inner)
            for inner, _ in model.trainset.ur[model.trainset.to_inner_uid(user_id)]
        }
    except ValueError:
        raise HTTPException(404, "unknown user") from None
    predictions = [
        model.predict(user_id, title_id) for title_id in wanted.id if title_id not in rated
    ]
    predictions.sort(key=lambda prediction: prediction.est, reverse=True)
    return [{"title_id": each.iid, "score": each.est} for each in predictions[:k]]
