"""Words of the third tab: the four questions."""

from typing import Final

WORDS: Final[dict[str, tuple[str, str]]] = {
    "q_duration": ("What is the longest title?", "¿Cuál es el título más largo?"),
    "q_score": (
        "How many titles are rated above …?",
        "¿Cuántos títulos tienen una nota mayor que …?",
    ),
    "q_count": ("How many titles has a platform?", "¿Cuántos títulos tiene una plataforma?"),
    "q_actor": ("Who plays in most titles?", "¿Quién actúa en más títulos?"),
    "platform": ("Platform", "Plataforma"),
    "year": ("Release year (blank: any)", "Año de estreno (vacío: cualquiera)"),
    "year_example": ("such as 2018", "por ejemplo 2018"),
    "unit": ("Measured in", "Medido en"),
    "unit_min": ("Minutes", "Minutos"),
    "unit_season": ("Seasons", "Temporadas"),
    "scored": ("Stars, strictly above", "Estrellas, estrictamente más de"),
    "ask": ("Ask", "Preguntar"),
    "reading": ("Read as: {reading}", "Se entiende: {reading}"),
    "ties": ("{n} tie for it:", "{n} empatan:"),
    "ties_shown": ("{n} tie for it; the first {shown}:", "{n} empatan; los primeros {shown}:"),
    "by_type": ("By type: {counts}", "Por tipo: {counts}"),
    "appearances": ("in {n} titles", "en {n} títulos"),
    "appearance": ("in {n} title", "en {n} título"),
    "no_match": (
        "No title matches. Try another year or any platform.",
        "Ningún título coincide. Prueba otro año o cualquier plataforma.",
    ),
    "no_cast": (
        "No title that matches names its cast. Try another platform or year.",
        "Ningún título que coincide nombra su reparto. Prueba otra plataforma u otro año.",
    ),
    "scored_needed": (
        "Enter a number of stars from 0 to 5.",
        "Escribe un número de estrellas de 0 a 5.",
    ),
    "year_wrong": (
        "The year must be a whole number from {first} to {last}.",
        "El año debe ser un número entero de {first} a {last}.",
    ),
    "reading_duration": (
        "The longest in {unit} among {titles}.",
        "Lo más largo en {unit} entre {titles}.",
    ),
    "reading_score": (
        "The number of {titles} whose mean rating is above {stars}.",
        "El número de {titles} con una nota media mayor que {stars}.",
    ),
    "reading_count": ("The number of {titles}.", "El número de {titles}."),
    "reading_actor": (
        "The actors in most of the {titles}, each title counted once.",
        "Quienes actúan en más {titles}; cada título cuenta una vez.",
    ),
    "reading_actor_anywhere": (
        "The actors in most of the {titles}, each film or series counted once, whatever platforms "
        "it is on.",
        "Quienes actúan en más {titles}; cada película o serie cuenta una vez, esté en las "
        "plataformas que esté.",
    ),
    "titles_in": (
        "{types} on {platform} released {when}",
        "{types} de {platform} con estreno {when}",
    ),
    "in_movie": ("movies", "películas"),
    "in_tv show": ("tv shows", "series"),
    "in_all": ("movies and tv shows", "películas y series"),
    "in_min": ("minutes", "minutos"),
    "in_season": ("seasons", "temporadas"),
    "all_platforms": ("all platforms together", "todas las plataformas juntas"),
    "in_year": ("in {year}", "en {year}"),
    "in_any_year": ("in any year", "en cualquier año"),
}
