"""The layout of the page in one language: five tabs over the handlers."""

from collections.abc import Callable, Sequence

import gradio as gr

from cartelera.platforms import Platforms
from cartelera.service.answering.answers import Answers
from cartelera.service.page.about_model import AboutModel
from cartelera.service.page.asking import Asking
from cartelera.service.page.events import on
from cartelera.service.page.forms import Choices, asking_forms, tonight_form, viewer_form
from cartelera.service.page.keeping import Keeping
from cartelera.service.page.markup import Markup
from cartelera.service.page.pictures import Pictures
from cartelera.service.page.script import BRIDGE
from cartelera.service.page.tonight import Tonight
from cartelera.service.page.viewer import Viewer
from cartelera.service.page.words import LANGUAGES, Words


def build(
    answers: Callable[[], Answers],
    genres: Sequence[str],
    platforms: Platforms,
    language: str,
    *,
    is_locked: bool,
) -> gr.Blocks:
    """Make the page in one language.

    Args:
        answers: Called at each request; gives what the running service loaded.
        genres: The genres to choose from.
        platforms: The platforms to choose from.
        language: A key of `LANGUAGES`.
        is_locked: Whether visitors need a key.
    """
    t = Words(language)
    markup = Markup(t, lambda: answers().settings.scale, platforms)
    choices = Choices(t, genres, platforms)
    pictures, model = Pictures(answers, markup), AboutModel(answers, markup)
    with gr.Blocks(title=t("page_title"), analytics_enabled=False) as blocks:
        frame = markup("frame", languages=LANGUAGES, is_locked=is_locked)
        gr.HTML(frame, elem_id="frame")
        bridge = gr.HTML(
            html_template="",
            js_on_load=BRIDGE,
            elem_id="bridge",
            language=language,
            spoken=t("of_most", stars="{stars}", most="{most}"),
            unrated=t("not_rated"),
            loading=t("loading"),
            unreachable=t("unreachable"),
            locked=t("locked"),
            hurried=t("hurried"),
            outdated=t("outdated"),
            failed=t("broken"),
        )
        with gr.Tabs(elem_id="tabs"):
            with gr.Tab(t("tab_tonight")):
                keeping = Keeping(answers, markup, trusts_visitors=is_locked)
                tonight_form(bridge, Tonight(answers, markup), keeping, choices, markup)
            with gr.Tab(t("tab_viewer")):
                viewer_form(bridge, Viewer(answers, markup), markup)
            with gr.Tab(t("tab_questions")):
                asking_forms(Asking(answers, markup), choices, markup)
            with gr.Tab(t("tab_pictures")) as tab:
                on([tab.select], pictures.draw, [], [gr.HTML(elem_id="pictures")], markup)
            with gr.Tab(t("tab_model")) as tab:
                on([tab.select], model.show, [], [gr.HTML(elem_id="model")], markup)
        gr.HTML(markup("foot"))
    return blocks
