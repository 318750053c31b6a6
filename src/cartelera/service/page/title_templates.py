"""How titles look: cards, search results, stars. Jinja templates; all values are escaped."""

from typing import Final

PARTS: Final = """
{%- macro chip(platform) -%}
<span class="chip chip-{{ platform }}">{{ labels[platform] }}</span>
{%- endmacro -%}

{%- macro facts(title, also_on=()) -%}
<p class="facts">{{ chip(title.platform) }}
{% for platform in also_on | map(attribute="platform") | unique if platform != title.platform -%}
{{ chip(platform) }}
{% endfor %}
<span>{{ title.year }}</span>
<span>{{ t(title.type) }}</span>
{% if title.duration is not none %}<span>{{ length(title) }}</span>{% endif %}
{% if title.certificate -%}
<span class="certificate">{{ title.certificate | upper }}</span>
{%- endif %}
</p>
{%- endmacro -%}

{%- macro spoken(value) -%}
{{ t('of_most', stars=t.stars(value), most=t.typed(scale().high)) }}
{%- endmacro -%}

{%- macro drawn(value) -%}
--value: {{ '%.2f' | format(value) }}; --most: {{ '%g' | format(scale().high) }}
{%- endmacro -%}

{%- macro stars(value) -%}
<span class="stars" role="img" aria-label="{{ spoken(value) }}" style="{{ drawn(value) }}"></span>
{%- endmacro -%}

{# The lowest place of the slider stands for no rating; `value` is none then. #}
{%- macro slider(title, value, region) -%}
{%- set place = scale().blank if value is none else value -%}
<span class="rate">
<input type="range" class="stars" min="{{ '%g' | format(scale().blank) }}"
 max="{{ '%g' | format(scale().best) }}" step="{{ '%g' | format(scale().step) }}"
 data-lowest="{{ '%g' | format(scale().low) }}" data-most="{{ t.typed(scale().high) }}"
 value="{{ '%g' | format(place) }}" style="{{ drawn(place) }}"
 id="{{ region }}-{{ title.title_id }}"
 data-rate="{{ title.title_id }}" aria-label="{{ t('stars_for', title=title.display_title) }}"
 aria-valuetext="{{ t('not_rated') if value is none else spoken(value) }}">
<output for="{{ region }}-{{ title.title_id }}" aria-hidden="true">
{{- "-" if value is none else t.stars(value) }}</output>
</span>
{%- endmacro -%}

{%- macro name(title) -%}
<cite>{{ title.display_title }}</cite>
{%- endmacro -%}
"""

CARDS: Final = """
{% from "parts" import facts, stars, slider, name with context %}
{%- macro reasons(line) -%}
{% for reason in line.because -%}
{{ name(reason.title) }}&nbsp;<span class="given">★&nbsp;{{ t.stars(reason.rating) }}</span>
{{- ", " if not loop.last }}
{% endfor %}
{%- endmacro -%}

{%- macro card(line) -%}
<li class="card">
<div class="card-head">
<h3>{{ line.title.display_title }}</h3>
{% if line.stars is not none -%}
<p class="expected"><strong>{{ t("about_stars", stars=t.about(line.stars)) }}</strong>
 <span>{{ t("expected") }}</span> {{ stars(line.stars) }}</p>
{%- endif %}
</div>
{{ facts(line.title, line.also_on) }}
{% if line.title.genres %}<p class="genres">{{ line.title.genres | join(" · ") }}</p>{% endif %}
<p class="why">
{% if line.origin == "content" -%}
{% if line.because %}{{ t("new_like") }} {{ reasons(line) }}{% else %}{{ t("new") }}{% endif %}
{%- elif line.popular -%}
{{ t("everyone") }}{% if line.because %}. {{ t(because) }} {{ reasons(line) }}{% endif %}
{%- elif line.because -%}
{{ t(because) }} {{ reasons(line) }}
{%- else -%}
{{ t("suits") }}
{%- endif %}
</p>
{% if rateable -%}
<details><summary>{{ t("seen_it") }}</summary>
{{ slider(line.title, none, "card") }}</details>
{%- endif %}
</li>
{%- endmacro -%}

<ol class="cards">
{% for line in titles %}{{ card(line) }}{% endfor %}
</ol>
{% if new_to_everyone -%}
<section class="second" aria-labelledby="{{ because }}-new">
<h2 id="{{ because }}-new">{{ t("new_head") }}</h2>
<ol class="cards">
{% for line in new_to_everyone %}{{ card(line) }}{% endfor %}
</ol></section>
{%- endif %}
"""

EMPTY: Final = """
<div class="nothing"><h3>{{ t("empty_head") }}</h3>
<p>{{ t("empty_try") }}</p>
<ul>{% for idea in ideas %}<li>{{ idea }}</li>{% endfor %}</ul></div>
"""

FOUND: Final = """
{% from "parts" import facts, slider with context %}
{% if titles %}
<ul class="rows">
{% for title in titles %}
<li class="line"><div><strong>{{ title.display_title }}</strong>{{ facts(title) }}</div>
{% if rateable %}{{ slider(title, ratings.get(title.title_id), "found") }}
{% else %}<button type="button" class="quiet" data-predict="{{ title.title_id }}"
 aria-label="{{ t('predict_button', title=title.display_title) }}">{{ t("predict_short") }}</button>
{% endif %}</li>
{% endfor %}
</ul>
{% if total > titles | length -%}
<p class="note">{{ t("more_found", shown=titles | length, total=t.number(total)) }}</p>
{% endif %}
{% elif words %}<p class="note" role="status">{{ t("nothing_found", words=words) }}</p>{% endif %}
"""

RATED: Final = """
{% from "parts" import facts, slider, name with context %}
<h3>{{ t("your_ratings") }}</h3>
{% if rated %}
<ul class="rows">
{% for title, rating in rated %}
<li class="line"><div><strong>{{ title.display_title }}</strong>{{ facts(title) }}</div>
<span class="mine">{{ slider(title, rating, "mine") }}
<button type="button" class="round" data-forget="{{ title.title_id }}"
 aria-label="{{ t('forget', title=title.display_title) }}">&times;</button></span></li>
{% endfor %}
</ul>
<button type="button" class="quiet" data-forget-all>{{ t("forget_all") }}</button>
{% else %}<p class="note">{{ t("rate_hint") }}</p>{% endif %}
{% if to_rate -%}
<section class="first" aria-labelledby="first-head"><h3 id="first-head">{{ t("first_head") }}</h3>
<ul>
{% for title in to_rate %}
<li><span>{{ name(title) }} <span class="year">{{ title.year }}</span></span>
{{ slider(title, none, "first") }}</li>
{% endfor %}
</ul></section>
{%- endif %}
"""

KEEP: Final = """
<section aria-labelledby="keep-head">
<h3 id="keep-head">{{ t("keep_head") }}</h3>
{% if offered -%}
<p class="note" id="keep-hint">{{ t("keep_hint") }}</p>
<form data-keep="{{ offered }}">
<label for="keep-number">{{ t("keep_number") }}</label>
<input id="keep-number" inputmode="numeric" autocomplete="off" maxlength="40"
 placeholder="{{ t('keep_blank') }}" aria-describedby="keep-hint">
<button class="strong">{{ t("keep_button") }}</button>
</form>
{%- else -%}
<p class="note" id="keep-hint">{{ t("keep_off") }}</p>
<button type="button" class="quiet" disabled aria-describedby="keep-hint">
{{- t("keep_off_button") }}</button>
{%- endif %}
</section>
"""

KEPT: Final = """
<div class="leaf" data-number="{{ user_id }}">
<p{% if n_kept < n_all %} class="problem"{% endif %}>
{{- t("kept_some", n=n_kept, all=n_all) if n_kept < n_all
    else t.counted("kept_one", "kept_many", n_kept) }}</p>
<p class="number">{{ spaced }}</p>
{% if is_secret %}<p><strong>{{ t("kept_secret") }}</strong></p>{% endif %}
{% if n_kept %}<ul class="next">
{% for fact in ("kept_seen", "kept_learnt", "kept_stay") %}<li>{{ t(fact) }}</li>{% endfor %}
</ul>{% endif %}
</div>
"""

TO_LIST: Final = (
    """<a href="#tonight-about">{{ t("to_list") }} <span aria-hidden="true">↓</span></a>"""
)

TEMPLATES: Final = {
    "parts": PARTS,
    "cards": CARDS,
    "empty": EMPTY,
    "found": FOUND,
    "rated": RATED,
    "keep": KEEP,
    "kept": KEPT,
    "to_list": TO_LIST,
}
