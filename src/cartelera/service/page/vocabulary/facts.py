"""Words of the last two tabs: the catalogue in pictures, and the model."""

from typing import Final

WORDS: Final[dict[str, tuple[str, str]]] = {
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
    "model_lists": (
        "The order of its lists is worth {ndcg} (NDCG, of what people went on to like); lists of "
        "what is popular are worth {popular}.",
        "El orden de sus listas vale {ndcg} (NDCG, de lo que luego gustó a la gente); las listas "
        "de lo más visto valen {popular}.",
    ),
    "model_gain": ("That is {percent} less.", "Es un {percent} menos."),
    "model_no_gain": (
        "It is no better than a simple average: take its lists with a pinch of salt.",
        "No mejora una simple media: toma sus listas con cautela.",
    ),
    "model_signal": ("What do these ratings tell?", "¿Qué dicen estas notas?"),
    "signal_both": (
        "Some titles are better than others for everyone, and beyond that people differ in taste.",
        "Unos títulos son mejores que otros para todos y, además, la gente tiene gustos distintos.",
    ),
    "signal_quality": (
        "Some titles are better than others, but these stars show no differences in people's "
        "taste: by stars, lists are the same good titles for everyone.",
        "Unos títulos son mejores que otros, pero estas estrellas no muestran gustos distintos: "
        "por estrellas, las listas son los mismos buenos títulos para todos.",
    ),
    "signal_taste": (
        "People differ in taste, but no title shows to be a better choice for everyone.",
        "La gente tiene gustos distintos, pero ningún título resulta mejor para todos.",
    ),
    "signal_neither": (
        "Neither better titles nor different tastes show, so only a user's own average says "
        "anything about their next rating.",
        "No se ven ni títulos mejores ni gustos distintos, así que solo la media de cada usuario "
        "dice algo de su próxima nota.",
    ),
    "signal_only_quality": (
        "Some titles are better than others.",
        "Unos títulos son mejores que otros.",
    ),
    "signal_no_quality": (
        "No title shows to be better than others.",
        "Ningún título resulta mejor que otros.",
    ),
    "signal_untested": (
        "That could not be tested: these ratings are too few, or too much alike.",
        "No se ha podido comprobar: estas notas son muy pocas, o demasiado iguales.",
    ),
    "quality_numbers": (
        "Quality: once each user's own average is taken off, {found} of the variance lies between "
        "titles; ratings dealt out at random put {chance} there (permutation test, p = {p}).",
        "Calidad: quitada la media de cada usuario, el {found} de la varianza está entre títulos; "
        "con notas repartidas al azar sería el {chance} (prueba de permutación, p = {p}).",
    ),
    "taste_numbers": (
        "Taste: how people depart from everyone's opinion of a title goes with how people like "
        "them do, by a correlation of {found}; by chance it would be 0 (ratings kept aside, "
        "p = {p}).",
        "Gustos: lo que cada cual se aparta de la opinión de todos sobre un título va con lo que "
        "se apartan sus afines, con una correlación de {found}; por azar sería 0 (notas "
        "reservadas, p = {p}).",
    ),
    "taste_untested": (
        "Whether people differ in taste could not be tested: too few rated the same titles.",
        "No se ha podido comprobar si hay gustos distintos: muy pocos han puntuado lo mismo.",
    ),
    "model_metrics": ("Beside simpler ways", "Junto a formas más simples"),
    "about_rmse": (
        "RMSE is an error in stars, in which large misses weigh most: less is better.",
        "RMSE es un error en estrellas en el que pesan más los fallos grandes: menos es mejor.",
    ),
    "about_mae": (
        "MAE is the mean error in stars: less is better.",
        "MAE es el error medio en estrellas: menos es mejor.",
    ),
    "about_ndcg_at_k": (
        "NDCG tells how well the top of a list fits what people went on to rate: more is better.",
        "NDCG dice si lo alto de una lista coincide con lo que la gente puntuó después: más es "
        "mejor.",
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
    "way_item_knn": ("Titles rated by the same people", "Títulos puntuados por la misma gente"),
    "way_random": ("At random", "Al azar"),
    "model_facts": ("Facts", "Datos"),
    "trained": ("Trained", "Entrenado"),
    "learnt_from": ("Learnt from", "Aprendió de"),
    "learnt_value": (
        "{ratings} ratings of {titles} titles by {users} users",
        "{ratings} notas de {titles} títulos por {users} usuarios",
    ),
    "data_digest": ("Data digest (SHA-256)", "Huella de los datos (SHA-256)"),
    "can_list": ("Can recommend", "Puede recomendar"),
    "can_list_value": (
        "{titles} films and series; {unrated} of them nobody has rated, it knows them by the "
        "catalogue",
        "{titles} películas y series; {unrated} no tienen ninguna nota, las conoce por el catálogo",
    ),
    "rating_params": ("Settings of the rating model (stars)", "Ajustes del modelo de notas"),
    "ranking_params": (
        "Settings of the ranking model (order of lists)",
        "Ajustes del modelo de orden (listas)",
    ),
    "gate": ("Why it serves", "Por qué está en servicio"),
    "gate_baseline": (
        "On ratings it had never seen it was off by {rmse} stars (RMSE), users' and titles' "
        "averages by {baseline}.",
        "Con notas que nunca había visto falló por {rmse} estrellas (RMSE); las medias de usuarios "
        "y títulos, por {baseline}.",
    ),
    "gate_first": (
        "There was no model in service to compare it with.",
        "No había ningún modelo en servicio con el que compararlo.",
    ),
    "gate_contest": (
        "For {users} people its lists were worth {ours} (NDCG), those of version {version}, which "
        "served then, {theirs}, fitted on the same ratings.",
        "Para {users} personas sus listas valían {ours} (NDCG); las de la versión {version}, "
        "entonces en servicio, {theirs}, ajustada con las mismas notas.",
    ),
    "gate_refit": (
        "Since then it has been fitted again, the same way, with the latest ratings.",
        "Desde entonces se ha vuelto a ajustar, del mismo modo, con las últimas notas.",
    ),
    "gate_refused": (
        "No model has been good enough so far, this one neither: it serves because there is no "
        "other.",
        "Ningún modelo ha sido lo bastante bueno, tampoco este: está en servicio porque no hay "
        "otro.",
    ),
    "gate_person": (
        "A person put it into service: “{reason}”",
        "Lo puso en servicio una persona: «{reason}»",
    ),
}
