"""An example answer of every operation, for the OpenAPI document."""

from typing import Any, Final

_LOGAN: Final[dict[str, Any]] = {
    "title_id": "hs250",
    "title": "logan",
    "display_title": "Logan",
    "platform": "hulu",
    "type": "movie",
    "year": 2017,
    "duration": 137,
    "duration_type": "min",
    "genres": ["action", "thriller"],
    "certificate": "r",
    "score": 4.05,
    "n_ratings": 12,
}
_ARRIVAL: Final[dict[str, Any]] = {
    "title_id": "hs1020",
    "title": "arrival",
    "display_title": "Arrival",
    "platform": "hulu",
    "type": "movie",
    "year": 2016,
    "duration": 116,
    "duration_type": "min",
    "genres": ["drama", "science fiction"],
    "certificate": "pg-13",
    "score": 4.2,
    "n_ratings": 31,
}
_FILTERS: Final[dict[str, Any]] = {
    "platforms": ["hulu"],
    "type": "movie",
    "year_from": 1990,
    "year_to": None,
    "genre": None,
    "min_minutes": None,
    "max_minutes": 150,
    "certificates": [],
    "seen": False,
}
_PREDICTION: Final[dict[str, Any]] = {
    "user_id": 1,
    "title": _LOGAN,
    "score": 4.12,
    "recommended": True,
    "recommend_at": 3.75,
    "origin": "model",
    "baseline": 3.98,
    "interval": {"low": 3.1, "high": 4.9, "coverage": 0.8},
    "rating": None,
}
_LIST: Final[dict[str, Any]] = {
    "user_id": 1,
    "k": 1,
    "platforms": ["hulu"],
    "type": "movie",
    "filters": _FILTERS,
    "origin": "model",
    "recommend_at": 3.75,
    "titles": [
        {
            "rank": 1,
            "title": _LOGAN,
            "score": 4.12,
            "because": [{"title": _ARRIVAL, "rating": 5.0, "contribution": 0.09}],
        }
    ],
    "ignored": [],
}

EXAMPLES: Final[dict[str, dict[str, Any]]] = {
    "get_max_duration": {
        "found": True,
        "duration_int": 157,
        "duration_type": "min",
        "titles": [
            {
                "id": "hs1950",
                "title": "loro",
                "display_title": "Loro",
                "platform": "hulu",
                "type": "movie",
                "release_year": 2018,
            }
        ],
        "ties": 1,
        "reading": "The longest in minutes among movies and tv shows on hulu released in 2018.",
    },
    "get_score_count": {
        "found": True,
        "count": 109,
        "by_type": {"movie": 109, "tv show": 31},
        "reading": "The number of movies on netflix released in 2011 whose mean rating is above "
        "3.5.",
    },
    "get_count_platform": {
        "found": True,
        "count": 1052,
        "by_type": {"movie": 1052, "tv show": 398},
        "by_platform": {"disney": 1052},
        "reading": "The number of movies on disney released in any year.",
    },
    "get_actor": {
        "found": True,
        "actors": ["alok nath", "karisma kapoor", "salman khan"],
        "appearances": 3,
        "ties": 3,
        "reading": "The actors in most of the movies and tv shows on netflix released in 1999, "
        "each title counted once.",
    },
    "titles": {
        "words": "log",
        "filters": _FILTERS,
        "total": 1,
        "offset": 0,
        "titles": [_LOGAN],
    },
    "facets": {
        "platforms": ["amazon", "disney", "hulu", "netflix"],
        "types": ["movie", "tv show"],
        "genres": ["action", "thriller"],
        "certificates": ["pg-13", "r"],
        "year_from": 1920,
        "year_to": 2021,
        "min_minutes": 1,
        "max_minutes": 601,
        "n_titles": 22998,
    },
    "title": {
        **_LOGAN,
        "cast": ["hugh jackman", "dafne keen", "patrick stewart"],
        "directors": ["james mangold"],
        "countries": ["united states"],
        "description": "in the near future, a weary logan cares for an ailing professor x.",
        "date_added": "2021-10-22",
        "has_model": True,
    },
    "similar": {
        "title": _LOGAN,
        "k": 10,
        "filters": _FILTERS,
        "known": True,
        "titles": [{"rank": 1, "title": _ARRIVAL, "similarity": 0.61}],
    },
    "predict": _PREDICTION,
    "prediction": _PREDICTION,
    "predict_batch": {"predictions": [_PREDICTION]},
    "recommend": _LIST,
    "user_recommendations": _LIST,
    "recommend_new": {**_LIST, "user_id": None, "origin": "fold-in"},
    "user": {
        "user_id": 1,
        "n_ratings": 20,
        "mean": 3.4,
        "in_model": True,
        "liked": [{"title": _ARRIVAL, "rating": 5.0}],
    },
    "rate": {
        "user_id": 1,
        "title": _LOGAN,
        "rating": 4.5,
        "timestamp": 1767225600,
        "replaced": 4.0,
    },
    "model": {
        "name": "cartelera-svd",
        "version": "3",
        "trained_at": "2026-01-01T00:00:00Z",
        "data_digest": {
            "train": "4122a11ac7dc105e7bd2ea956c0b2977c6830b7968a33b430549dceb6e8ec0a6"
        },
        "taste": "There is taste in these ratings: titles differ by more than chance allows.",
        "metrics": {
            "model": {"rmse": 0.892},
            "bias_only": {"rmse": 0.913},
            "user_mean": {"rmse": 0.984},
        },
        "intervals": {"coverage": 0.8, "low": -1.1, "high": 1.0},
        "recommend_at": 3.75,
        "n_users": 671,
        "n_titles": 1510,
        "registered": {"name": "cartelera-svd", "version": 3, "aliases": ["champion"]},
        "card": {"global_mean": 3.54, "scale": [0.5, 5.0]},
    },
}
