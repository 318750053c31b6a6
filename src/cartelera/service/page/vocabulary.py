"""Every word of the page, once in English and once in Spanish."""

from typing import Final

VOCABULARY: Final[dict[str, tuple[str, str]]] = {
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
    "of_5": ("{stars} of 5 stars", "{stars} de 5 estrellas"),
    "ratings": ("{n} ratings", "{n} notas"),
    "rating": ("{n} rating", "{n} nota"),
    "any_platform": ("Any platform", "Cualquier plataforma"),
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
    # Tonight: the list.
    "list_popular": (
        "Best liked by everyone so far. Rate a few titles, and the list becomes yours.",
        "Lo que más gusta a todo el mundo. Puntúa unos títulos y la lista será tuya.",
    ),
    "list_yours": (
        "For you, from what you rated.",
        "Para ti, a partir de lo que has puntuado.",
    ),
    "list_unknown": (
        "The model does not know what you rated, so this is what everyone likes best. "
        "Try titles with more ratings.",
        "El modelo no conoce lo que has puntuado, así que esto es lo que más gusta a todos. "
        "Prueba con títulos más vistos.",
    ),
    "expected": ("expected", "previstas"),
    "because": ("Because you rated", "Porque puntuaste"),
    "because_user": ("Because of their ratings of", "Por sus notas de"),
    "everyone": ("Liked by everyone", "Gusta a todo el mundo"),
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
        "no title that is left has a rating the model could learn from",
        "ningún título restante tiene notas de las que el modelo pueda aprender",
    ),
    # A user.
    "user_id": ("User number", "Número de usuario"),
    "user_example": ("such as 15", "por ejemplo 15"),
    "show_user": ("Show", "Mostrar"),
    "user_hint": (
        "Someone whose ratings the model has learnt from.",
        "Alguien de cuyas notas ha aprendido el modelo.",
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
    # Questions.
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
    # In pictures.
    "by_platform": ("Titles on each platform", "Títulos de cada plataforma"),
    "by_year": ("Titles by release year", "Títulos por año de estreno"),
    "by_genre": ("The commonest genres", "Los géneros más comunes"),
    "by_score": ("How titles are rated", "Qué notas tienen los títulos"),
    "by_score_note": (
        "Mean stars of the {n} titles with at least one rating.",
        "Media de estrellas de los {n} títulos con alguna nota.",
    ),
    "by_year_note": (
        "{n} titles before {year} are not shown.",
        "No se muestran {n} títulos anteriores a {year}.",
    ),
    "by_genre_note": (
        "A title may have several; each platform names them in its own way.",
        "Un título puede tener varios; cada plataforma los llama a su manera.",
    ),
    "catalogue_facts": (
        "{titles} titles: {movies} movies and {shows} TV shows, from {first} to {last}.",
        "{titles} títulos: {movies} películas y {shows} series, de {first} a {last}.",
    ),
    "as_table": ("The same as a table", "Lo mismo en una tabla"),
    # The model.
    "model_version": ("Version {version}", "Versión {version}"),
    "model_error": (
        "On ratings it had never seen, the model is off by {rmse} stars (RMSE; the best of "
        "the simpler ways is off by {baseline}).",
        "Con notas que nunca había visto, el modelo falla por {rmse} estrellas (RMSE; la mejor "
        "de las formas más simples falla por {baseline}).",
    ),
    "model_gain": ("That is {percent} less.", "Es un {percent} menos."),
    "model_no_gain": (
        "It is no better than a simple average: take its lists with a pinch of salt.",
        "No mejora una simple media: toma sus listas con cautela.",
    ),
    "model_taste": ("Is there taste in these ratings?", "¿Hay gustos en estas notas?"),
    "model_metrics": ("Beside simpler ways", "Junto a formas más simples"),
    "model_metrics_note": (
        "RMSE and MAE are errors in stars: less is better. NDCG tells how well the top of a list "
        "fits what people went on to rate: more is better.",
        "RMSE y MAE son errores en estrellas: menos es mejor. NDCG dice si lo alto de una lista "
        "coincide con lo que la gente puntuó después: más es mejor.",
    ),
    "model_no_metrics": (
        "This model came without its test results.",
        "Este modelo llegó sin los resultados de sus pruebas.",
    ),
    "way": ("Way of predicting", "Forma de predecir"),
    "way_model": ("This model", "Este modelo"),
    "way_bias_only": ("User's and title's averages", "Medias de usuario y título"),
    "way_user_mean": ("User's average", "Media del usuario"),
    "way_title_mean": ("Title's average", "Media del título"),
    "way_global_mean": ("One average for all", "Una media para todo"),
    "way_popularity": ("The most rated titles", "Los títulos más puntuados"),
    "way_random": ("At random", "Al azar"),
    "model_facts": ("Facts", "Datos"),
    "trained": ("Trained", "Entrenado"),
    "learnt_from": ("Learnt from", "Aprendió de"),
    "learnt_value": (
        "{ratings} ratings of {titles} titles by {users} users",
        "{ratings} notas de {titles} títulos por {users} usuarios",
    ),
    "data_digest": ("Data digest (SHA-256)", "Huella de los datos (SHA-256)"),
    "params": ("Settings", "Ajustes"),
    "gate": ("Why it serves", "Por qué está en servicio"),
}
