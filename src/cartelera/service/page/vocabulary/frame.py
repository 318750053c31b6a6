"""Words around the tabs, and about titles wherever they stand."""

from typing import Final

WORDS: Final[dict[str, tuple[str, str]]] = {
    # The frame.
    "name": ("Cartelera", "Cartelera"),
    "page_title": ("Cartelera: what to watch tonight", "Cartelera: qué ver esta noche"),
    "tagline": (
        "What to watch tonight, on the platforms you have.",
        "Qué ver esta noche, en las plataformas que tienes.",
    ),
    "languages": ("Language", "Idioma"),
    "no_script": (
        "This page needs JavaScript; the same answers are under /api/docs.",
        "Esta página necesita JavaScript; las mismas respuestas están en /api/docs.",
    ),
    "for_code": ("For programs: the same answers over HTTP", "Para programas: lo mismo por HTTP"),
    "broken": (
        "Something went wrong here, and it has been noted. Please try again.",
        "Algo ha fallado aquí y ha quedado anotado. Inténtalo de nuevo.",
    ),
    "log_out": ("Log out", "Cerrar sesión"),
    "loading": ("Loading …", "Cargando …"),
    "reload": ("Load the page again", "Cargar la página de nuevo"),
    "unreachable": (
        "The server cannot be reached just now. Your ratings are still here, and the page goes on "
        "by itself as soon as it can.",
        "Ahora no se puede llegar al servidor. Tus notas siguen aquí, y la página continuará sola "
        "en cuanto pueda.",
    ),
    "locked": (
        "Your session is over. Load the page again to log in; your ratings stay.",
        "Tu sesión ha terminado. Carga la página de nuevo para entrar; tus notas se quedan.",
    ),
    "hurried": (
        "Too many requests came at once. The page goes on by itself in a moment.",
        "Han llegado demasiadas peticiones a la vez. La página continuará sola en un momento.",
    ),
    "outdated": (
        "The server did not understand this page: it may be newer. Load the page again; your "
        "ratings stay.",
        "El servidor no ha entendido esta página: puede que sea más nuevo. Carga la página de "
        "nuevo; tus notas se quedan.",
    ),
    # The tabs.
    "tab_tonight": ("Tonight", "Hoy"),
    "tab_viewer": ("Users", "Usuarios"),
    "tab_questions": ("Questions", "Preguntas"),
    "tab_pictures": ("Pictures", "Imágenes"),
    "tab_model": ("Model", "Modelo"),
    # Words about titles.
    "movie": ("Movie", "Película"),
    "tv show": ("TV show", "Serie"),
    "minutes": ("{n} min", "{n} min"),
    "season": ("{n} season", "{n} temporada"),
    "seasons": ("{n} seasons", "{n} temporadas"),
    "of_most": ("{stars} of {most} stars", "{stars} de {most} estrellas"),
    "ratings": ("{n} ratings", "{n} notas"),
    "rating": ("{n} rating", "{n} nota"),
    "any_platform": ("Any platform", "Cualquier plataforma"),
}
