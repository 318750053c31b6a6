"""The layout of the page in one language: five tabs with their forms, tied to the handlers."""

from collections.abc import Callable, Sequence
from typing import Any

import gradio as gr
from gradio.components import Component

from cartelera import columns as c
from cartelera.catalogue.arguments import ALL
from cartelera.platforms import Platforms
from cartelera.service.answering.answers import Answers
from cartelera.service.page.about_model import AboutModel
from cartelera.service.page.catalogue_questions import CatalogueQuestions, QuestionForm
from cartelera.service.page.form_input import read_text
from cartelera.service.page.gradio_adapter import SCRIPT, listen
from cartelera.service.page.markup import Markup
from cartelera.service.page.pictures import Pictures
from cartelera.service.page.saved_ratings import SavedRatings
from cartelera.service.page.tonight import Tonight
from cartelera.service.page.viewer import Viewer
from cartelera.service.page.wishes import AUDIENCES, ERAS, LENGTHS
from cartelera.service.page.words import LANGUAGES, Words


def create_layout(
    answers: Callable[[], Answers], genres: Sequence[str], markup: Markup, *, is_locked: bool
) -> gr.Blocks:
    """Lay out the page in one language.

    Args:
        answers: Called at each request; returns what the running service loaded.
        genres: The genres to choose from.
        markup: Fills in the templates, in that language.
        is_locked: Whether visitors need a key.
    """
    t = markup.words
    choices = Choices(t, genres, markup.platforms)
    pictures, model = Pictures(answers, markup), AboutModel(answers, markup)

    with gr.Blocks(title=t("page_title"), analytics_enabled=False) as blocks:
        gr.HTML(markup("header", languages=LANGUAGES, is_locked=is_locked), elem_id="frame")
        bridge = _bridge(t)

        with gr.Tabs(elem_id="tabs"):
            with gr.Tab(t("tab_tonight")):
                saved_ratings = SavedRatings(answers, markup, trusts_visitors=is_locked)
                _tonight_form(bridge, Tonight(answers, markup), saved_ratings, choices, markup)
            with gr.Tab(t("tab_viewer")):
                _viewer_form(bridge, Viewer(answers, markup), markup)
            with gr.Tab(t("tab_questions")):
                _question_forms(CatalogueQuestions(answers, markup), choices, markup)
            with gr.Tab(t("tab_pictures")) as tab:
                listen([tab.select], pictures.draw, [], [gr.HTML(elem_id="pictures")], markup)
            with gr.Tab(t("tab_model")) as tab:
                listen([tab.select], model.show, [], [gr.HTML(elem_id="model")], markup)

        gr.HTML(markup("footer"))
    return blocks


def _bridge(t: Words) -> gr.HTML:
    """Make the element the script runs in, with the words it shows by itself."""
    return gr.HTML(
        html_template="",
        js_on_load=SCRIPT,
        elem_id="bridge",
        language=t.language,
        spoken=t("of_most", stars="{stars}", most="{most}"),
        unrated=t("not_rated"),
        loading=t("loading"),
        unreachable=t("unreachable"),
        locked=t("locked"),
        hurried=t("hurried"),
        outdated=t("outdated"),
        failed=t("broken"),
    )


class Choices:
    """What can be chosen, as pairs of what is shown and what is sent; blank means any."""

    def __init__(self, words: Words, genres: Sequence[str], platforms: Platforms):
        t = words
        names = [(each.label, each.name) for each in platforms]
        self.platforms = names
        self.platform = [(t("any_platform"), ""), *names]
        self.type = [(t("all_types"), ALL), (t("movie_only"), c.MOVIE), (t("tv_only"), c.TV_SHOW)]
        self.genre = [(t("any_genre"), ""), *((name.capitalize(), name) for name in genres)]
        self.length = [(t("any_length"), ""), *((t(key), key) for key in LENGTHS)]
        self.era = [(t("any_era"), ""), *((t(key), key) for key in ERAS)]
        self.audience = [(t("any_audience"), ""), *((t(key), key) for key in AUDIENCES)]
        self.unit = [(t("unit_min"), c.MINUTES), (t("unit_season"), c.SEASONS)]


def _tonight_form(
    bridge: gr.HTML,
    tonight: Tonight,
    saved_ratings: SavedRatings,
    choices: Choices,
    markup: Markup,
) -> None:
    """Put together the first tab: wishes and ratings on the left, the list on the right."""
    t = markup.words

    with gr.Row(elem_classes="split"):
        with gr.Column(scale=4, min_width=300, elem_classes="sheet"):
            gr.HTML(markup("folds"), elem_id="folds")
            with gr.Column(elem_id="wishes"):
                wishes = _wishes(choices, t)
            with gr.Column(elem_id="taste"):
                _heading(t("taste_head"))
                search = _search(t("rate_search"), t("search_hint"), "rate-search")
                found = gr.HTML(elem_id="rate-found")
                marked = gr.HTML(elem_id="rated")
                keep = gr.HTML(elem_id="keep")
                kept = gr.HTML(elem_id="kept")

        with gr.Column(scale=7, min_width=300):
            start = gr.HTML(elem_id="start")
            like = gr.HTML(elem_id="tonight-like")
            about = gr.HTML(elem_id="tonight-about")
            cards = gr.HTML(elem_id="tonight-cards")

    def answer(*sent: Any) -> tuple[str, str, str]:
        return tonight.marked(*sent), *tonight.recommend(*sent)

    def open_address(sent: Any, opened: gr.EventData) -> tuple[Any, ...]:
        fields, titles = tonight.open(sent, getattr(opened, "query", None))
        return *answer(sent, *fields), titles, *fields, read_text(getattr(opened, "words", None))

    def show_others(sent: Any, platforms: Any, pressed: gr.EventData) -> str:
        return tonight.start(sent, platforms, getattr(pressed, "shown", None))

    def show_like(pressed: gr.EventData, *sent: Any) -> str:
        return tonight.like(sent[0], getattr(pressed, "title_id", None), *sent[1:])

    def show_more(pressed: gr.EventData, *sent: Any) -> tuple[str, str]:
        return tonight.recommend(*sent, k=getattr(pressed, "k", None))

    def save(sent: Any, pressed: gr.EventData) -> str:
        typed, offered = (getattr(pressed, name, None) for name in ("typed", "offered"))
        return saved_ratings.save(sent, typed, offered)

    changes = [bridge.input, *(wish.input for wish in wishes)]
    listen(changes, answer, [bridge, *wishes], [marked, about, cards], markup)
    listen([search.change], tonight.find, [search, bridge], [found], markup)
    shown = [marked, about, cards, start, *wishes, search]
    listen([bridge.opened], open_address, [bridge], shown, markup)
    listen([bridge.others], show_others, [bridge, wishes[0]], [start], markup)
    listen([wishes[0].input], tonight.start, [bridge, wishes[0]], [start], markup)
    listen([bridge.like], show_like, [bridge, *wishes], [like], markup)
    listen([bridge.surprise], tonight.surprise, [bridge, *wishes], [like], markup)
    listen([bridge.more], show_more, [bridge, *wishes], [about, cards], markup)
    listen([bridge.ready], saved_ratings.form, [], [keep], markup)
    listen([bridge.saved], save, [bridge], [kept], markup)


def _wishes(choices: Choices, t: Words) -> list[Any]:
    """Make the fields of `Wishes`, in its order."""
    _heading(t("where_head"))
    return [
        gr.CheckboxGroup(
            choices.platforms,
            value=[name for _, name in choices.platforms],
            label=t("platforms"),
        ),
        gr.Radio(choices.type, value=ALL, label=t("type")),
        gr.Dropdown(choices.genre, value="", label=t("genre")),
        gr.Dropdown(
            choices.length, value="", label=t("length"), filterable=False, elem_id="length"
        ),
        gr.Dropdown(choices.era, value="", label=t("era"), filterable=False),
        gr.Dropdown(
            choices.audience,
            value="",
            label=t("audience"),
            info=t("audience_info"),
            filterable=False,
        ),
    ]


def _viewer_form(bridge: gr.HTML, viewer: Viewer, markup: Markup) -> None:
    """Put together the second tab: who, what they liked and would like."""
    t = markup.words

    with gr.Row(elem_classes="split"):
        with gr.Column(scale=4, min_width=300, elem_classes="sheet"):
            _heading(t("user_who"))
            user = gr.Textbox(
                label=t("user_id"),
                info=t("user_hint"),
                placeholder=t("user_example"),
                elem_id="user",
            )
            show = gr.Button(t("show_user"), variant="primary")
            profile = gr.HTML(elem_id="viewer-profile")

            _heading(t("predict_head"))
            search = _search(t("predict_search"), t("search_hint"), "predict-search")
            found = gr.HTML(elem_id="predict-found")
            verdict = gr.HTML(elem_id="viewer-verdict")

        with gr.Column(scale=7, min_width=300):
            _heading(t("recommended"))
            cards = gr.HTML(markup.note(t("user_start")), elem_id="viewer-cards")

    def predict(user_id: Any, picked: gr.EventData) -> str:
        return viewer.predict(user_id, getattr(picked, "title_id", None))

    listen([show.click, user.submit], viewer.show, [user], [profile, cards], markup)
    listen([search.change], viewer.find, [search], [found], markup)
    listen([bridge.picked], predict, [user], [verdict], markup)


def _question_forms(questions: CatalogueQuestions, choices: Choices, markup: Markup) -> None:
    """Put together the third tab: a form for each question, two in a row."""
    forms = questions.forms()
    for row in (forms[start : start + 2] for start in range(0, len(forms), 2)):
        with gr.Row(elem_classes="questions"):
            for form in row:
                with gr.Column(elem_classes="sheet", min_width=300, elem_id=f"q-{form.name}"):
                    _heading(markup.words(f"q_{form.name}"))
                    _ask(form.handler, _fields(form, choices, markup.words), markup)


def _fields(form: QuestionForm, choices: Choices, t: Words) -> list[Component]:
    """Make a field for each parameter of a question."""
    makers: dict[str, Callable[[], Component]] = {
        "duration_type": lambda: gr.Radio(choices.unit, value=c.MINUTES, label=t("unit")),
        "scored": lambda: gr.Textbox(label=t("scored"), value=t.stars(3.5)),
        "type": lambda: gr.Radio(choices.type, value=form.type, label=t("type")),
        "platform": lambda: gr.Dropdown(
            choices.platform, value="", label=t("platform"), filterable=False
        ),
        "year": lambda: gr.Textbox(label=t("year"), placeholder=t("year_example")),
    }
    return [make() for name, make in makers.items() if name in form.question.model_fields]


def _ask(handler: Any, inputs: Sequence[Any], markup: Markup) -> None:
    button = gr.Button(markup.words("ask"), variant="primary")
    answer = gr.HTML()
    typed = [field.submit for field in inputs if isinstance(field, gr.Textbox)]
    listen([button.click, *typed], handler, inputs, [answer], markup)


def _heading(text: str) -> None:
    gr.HTML(f"<h2>{text}</h2>")


def _search(label: str, hint: str, name: str) -> gr.Textbox:
    return gr.Textbox(label=label, placeholder=hint, elem_id=name, autoscroll=False)
