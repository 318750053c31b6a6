"""Words of the second tab: a user and what they would like."""

from typing import Final

WORDS: Final[dict[str, tuple[str, str]]] = {
    "user_who": ("Whose evening?", "¿La noche de quién?"),
    "user_id": ("User number", "Número de usuario"),
    "user_example": ("such as 15", "por ejemplo 15"),
    "show_user": ("Show", "Mostrar"),
    "user_hint": (
        "Somebody in the data, or your own number if you saved your ratings.",
        "Alguien de los datos, o tu propio número si guardaste tus notas.",
    ),
    "user_start": (
        "Show a user, and what to recommend to them stands here with the reasons.",
        "Muestra a alguien y aquí estará lo que se le recomienda, con los motivos.",
    ),
    "user_needed": ("Enter a whole number.", "Escribe un número entero."),
    "user_unknown": (
        "Nobody with the number {id} has rated anything.",
        "Nadie con el número {id} ha puntuado nada.",
    ),
    "user_empty": (
        "There is nothing left to recommend to this user.",
        "No queda nada que recomendar a este usuario.",
    ),
    "title_unknown": ("There is no such title any more.", "Ese título ya no existe."),
    "user_head": ("User {id}", "Usuario {id}"),
    "user_mean": ("{mean} stars on average", "{mean} estrellas de media"),
    "liked": ("Liked best", "Lo que más le gustó"),
    "recommended": ("Recommended", "Recomendado"),
    "predict_head": ("Would they like it?", "¿Le gustaría?"),
    "predict_search": ("Find a title to predict", "Busca un título para predecir"),
    "predict_button": ("Predict {title}", "Predecir {title}"),
    "predict_short": ("Predict", "Predecir"),
    "verdict_yes": ("Recommend it", "Recomendar"),
    "verdict_no": ("Rather not", "Mejor no"),
    "verdict_from": (
        "Recommended from {stars} stars up.",
        "Se recomienda a partir de {stars} estrellas.",
    ),
    "baseline": (
        "By averages alone, without taste: {stars}.",
        "Solo con medias, sin gustos: {stars}.",
    ),
    "interval": (
        "In {percent} of 100 cases the true rating lies between {low} and {high}.",
        "En {percent} de cada 100 casos la nota real está entre {low} y {high}.",
    ),
    "from_fallback": (
        "The model knows too little of the user or the title: this is an average.",
        "El modelo conoce poco al usuario o el título: esto es una media.",
    ),
}
