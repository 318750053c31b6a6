"""Words of the first tab: wishes, ratings, the list."""

from typing import Final

WORDS: Final[dict[str, tuple[str, str]]] = {
    # Tonight: the form.
    "where_head": ("Your evening", "Tu noche"),
    "platforms": ("Platforms you have", "Plataformas que tienes"),
    "type": ("Type", "Tipo"),
    "all_types": ("Everything", "Todo"),
    "movie_only": ("Movies", "Películas"),
    "tv_only": ("TV shows", "Series"),
    "genre": ("Genre", "Género"),
    "any_genre": ("Any genre", "Cualquier género"),
    "length": ("Length", "Duración"),
    "any_length": ("Any length", "Cualquier duración"),
    "short": ("Up to 90 minutes", "Hasta 90 minutos"),
    "middle": ("90 to 120 minutes", "De 90 a 120 minutos"),
    "long": ("2 hours and more", "2 horas y más"),
    "audience": ("Who is watching", "Quién mira"),
    "any_audience": ("Grown-ups", "Personas adultas"),
    "older_children": ("Children with company", "Niños acompañados"),
    "all_ages": ("The smallest too", "También los más pequeños"),
    "audience_info": (
        "Only titles with a published age label pass the two family choices.",
        "En familia solo pasan títulos con calificación de edad publicada.",
    ),
    "taste_head": ("Your taste", "Tus gustos"),
    "rate_search": ("Find a title to rate", "Busca un título para puntuar"),
    "search_hint": ("Type a few letters", "Escribe unas letras"),
    "rate_hint": (
        "Three or four ratings are enough to begin. They stay in this browser tab.",
        "Con tres o cuatro notas basta para empezar. Se quedan en esta pestaña.",
    ),
    "stars_for": ("Your stars for {title}", "Tus estrellas para {title}"),
    "not_rated": ("not rated", "sin nota"),
    "your_ratings": ("Your ratings", "Tus notas"),
    "forget": ("Forget the rating of {title}", "Olvidar la nota de {title}"),
    "forget_all": ("Forget all", "Olvidar todas"),
    "nothing_found": ("No title has the words “{words}”.", "Ningún título lleva «{words}»."),
    "more_found": ("The first {shown} of {total}.", "Los primeros {shown} de {total}."),
    # Tonight: keeping the ratings.
    "keep_head": ("Keep your ratings", "Guarda tus notas"),
    "keep_hint": (
        "So far they live in this browser tab only. Saved, they shape your list on any device.",
        "Por ahora solo viven en esta pestaña. Guardadas, dan forma a tu lista en cualquier "
        "dispositivo.",
    ),
    "keep_number": ("Your number, if you have one", "Tu número, si ya tienes"),
    "keep_blank": ("Blank: you get a new one", "Vacío: te damos uno nuevo"),
    "keep_button": ("Save my ratings", "Guardar mis notas"),
    "keep_off_button": ("Saving is switched off", "No se puede guardar"),
    "keep_off": (
        "This server keeps no ratings: yours last until you close this browser tab.",
        "Este servidor no guarda notas: las tuyas duran hasta que cierres esta pestaña.",
    ),
    "keep_nothing": ("Rate a title first.", "Puntúa antes algún título."),
    "keep_wrong": (
        "A number has digits only. Leave it blank to get a new one.",
        "Un número solo tiene cifras. Déjalo vacío y te daremos uno nuevo.",
    ),
    "keep_unknown": (
        "Nobody has the number {id}. Check it, or leave it blank to get a new one.",
        "Nadie tiene el número {id}. Revísalo, o déjalo vacío y te daremos uno nuevo.",
    ),
    "keep_not_yours": (
        "Somebody in the data has the number {id}, and this page cannot tell whether that is you. "
        "Leave it blank to get a number of your own.",
        "Alguien de los datos tiene el número {id} y esta página no puede saber si eres tú. "
        "Déjalo vacío y tendrás un número propio.",
    ),
    "kept_one": ("{n} rating is saved. Your number:", "{n} nota guardada. Tu número:"),
    "kept_many": ("{n} ratings are saved. Your number:", "{n} notas guardadas. Tu número:"),
    "kept_some": (
        "Only {n} of {all} ratings could be saved now. Try again in a while: what is saved twice "
        "counts once. Your number:",
        "Ahora solo se han podido guardar {n} de {all} notas. Prueba de nuevo más tarde: lo que "
        "se guarda dos veces cuenta una. Tu número:",
    ),
    "kept_secret": (
        "Write it down, and keep it to yourself: it is all it takes to see these ratings and to "
        "change them, and a lost one cannot be found again.",
        "Apúntalo y no lo enseñes: basta con él para ver estas notas y cambiarlas, y si se pierde "
        "no hay forma de recuperarlo.",
    ),
    "kept_seen": (
        "At once: these titles count as seen, and the list for your number under “Users” follows "
        "your taste.",
        "Desde ya: estos títulos cuentan como vistos, y la lista de tu número en «Usuarios» sigue "
        "tus gustos.",
    ),
    "kept_learnt": (
        "With the next training: the model itself learns from them.",
        "En el próximo entrenamiento: el propio modelo aprende de ellas.",
    ),
    "kept_stay": (
        "Forgetting a rating here deletes nothing that is saved; saving the title with other "
        "stars replaces it.",
        "Olvidar aquí una nota no borra nada guardado; si guardas el título con otras estrellas, "
        "valen las nuevas.",
    ),
    "to_list": ("See the list", "Ver la lista"),
    # Tonight: the list.
    "first_head": ("Rate a few of these first", "Puntúa primero algunos de estos"),
    "list_popular": (
        "Popular with everyone so far. Rate a few titles, and the list becomes yours.",
        "Lo más visto por todo el mundo. Puntúa unos títulos y la lista será tuya.",
    ),
    "list_yours": (
        "For you, from what you rated.",
        "Para ti, a partir de lo que has puntuado.",
    ),
    "list_alike": (
        "From what you rated. But people's stars show no differences in taste here: what is good "
        "is good for everyone.",
        "A partir de lo que has puntuado. Pero aquí las estrellas no muestran gustos distintos: lo "
        "bueno lo es para todos.",
    ),
    "list_unknown": (
        "The model does not know what you rated, so this is what is popular with everyone. "
        "Try titles with more ratings.",
        "El modelo no conoce lo que has puntuado, así que esto es lo más visto por todos. "
        "Prueba con títulos más vistos.",
    ),
    "expected": ("expected", "previstas"),
    "because": ("Because you rated", "Porque puntuaste"),
    "because_user": ("Because of their ratings of", "Por sus notas de"),
    "about_stars": ("about {stars}", "unas {stars}"),
    "everyone": ("Popular with everyone", "Visto por todo el mundo"),
    "suits": ("Suits all these ratings together", "Encaja con todas esas notas juntas"),
    "new": ("New to everyone", "Nuevo para todo el mundo"),
    "new_like": ("New to everyone, like", "Nuevo para todo el mundo, como"),
    "new_head": (
        "New to everyone, close to these tastes",
        "Nuevo para todo el mundo, cerca de estos gustos",
    ),
    "seen_it": ("Seen it? Rate it", "¿La has visto? Puntúala"),
    "empty_head": ("Nothing fits all of this", "Nada cumple todo esto"),
    "empty_try": ("What would help:", "Qué ayudaría:"),
    "try_platforms": ("add a platform: {names}", "añadir una plataforma: {names}"),
    "no_platforms": (
        "No platform is ticked: tick at least one you have.",
        "No hay ninguna plataforma marcada: marca al menos una.",
    ),
    "try_genre": (
        "any genre instead of “{genre}” (platforms name their genres differently)",
        "cualquier género en vez de «{genre}» (cada plataforma los llama a su manera)",
    ),
    "try_length": ("any length", "cualquier duración"),
    "try_length_tv": (
        "any length: TV shows are measured in seasons, so no minutes fit them",
        "cualquier duración: las series se miden en temporadas, no en minutos",
    ),
    "try_type": ("movies and TV shows", "películas y series"),
    "try_audience": (
        "grown-ups only: many titles come without an age label",
        "solo personas adultas: muchos títulos vienen sin calificación de edad",
    ),
    "try_nothing": (
        "no title is left: all that fit are rated already",
        "no queda ningún título: todos los que encajan ya tienen nota",
    ),
}
