"""An example answer of every endpoint, for the OpenAPI document."""

from typing import Any, Final

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
    "predict": {
        "user_id": 1,
        "title": {
            "title_id": "hs250",
            "title": "logan",
            "display_title": "Logan",
            "platform": "hulu",
            "type": "movie",
            "year": 2017,
        },
        "score": 4.12,
        "recommended": True,
        "recommend_at": 3.75,
        "origin": "model",
    },
    "recommend": {
        "user_id": 1,
        "k": 1,
        "platforms": ["hulu"],
        "type": "movie",
        "origin": "model",
        "titles": [
            {
                "rank": 1,
                "title": {
                    "title_id": "hs250",
                    "title": "logan",
                    "display_title": "Logan",
                    "platform": "hulu",
                    "type": "movie",
                    "year": 2017,
                },
                "score": 4.12,
            }
        ],
    },
    "model": {
        "name": "cartelera-svd",
        "version": "3",
        "registered": {"name": "cartelera-svd", "version": 3, "aliases": ["champion"]},
        "card": {"global_mean": 3.54, "scale": [0.5, 5.0]},
    },
}
