"""How answers look: a user, a prediction, the four questions, charts, the model."""

from typing import Final

NOTE: Final = """<p class="{{ kind }}" role="status">{{ text }}</p>"""

PROFILE: Final = """
{% from "parts" import chip with context %}
<div class="leaf">
<h2>{{ t("user_head", id=user.user_id) }}</h2>
<p>{{ t.counted("rating", "ratings", user.n_ratings) }}
{%- if user.mean is not none %}, {{ t("user_mean", mean=t.stars(user.mean)) }}{% endif %}</p>
{% if user.liked %}<h3>{{ t("liked") }}</h3>
<ul class="liked">
{% for rated in user.liked %}
<li><span class="given">★&nbsp;{{ t.stars(rated.rating) }}</span>
<cite>{{ rated.title.display_title }}</cite> {{ chip(rated.title.platform) }}</li>
{% endfor %}
</ul>{% endif %}
</div>
"""

PREDICTION: Final = """
{% from "parts" import facts, stars with context %}
<div class="card verdict {{ 'yes' if prediction.recommended else 'no' }}" role="status">
<div class="card-head">
<h3>{{ prediction.title.display_title }}</h3>
<p class="expected"><strong>{{ t.stars(prediction.score) }}</strong>
 <span>{{ t("expected") }}</span> {{ stars(prediction.score) }}</p>
</div>
{{ facts(prediction.title) }}
<p class="decision">
{{- t("verdict_yes") if prediction.recommended else t("verdict_no") }}</p>
<p>{{ t("verdict_from", stars=t.number(prediction.recommend_at, 2)) }}
{{ t("baseline", stars=t.stars(prediction.baseline)) }}
{% if prediction.interval -%}
{{ t("interval", percent=t.number(100 * prediction.interval.coverage),
     low=t.stars(prediction.interval.low), high=t.stars(prediction.interval.high)) }}
{%- endif %}</p>
{% if prediction.origin == "fallback" %}<p class="note">{{ t("from_fallback") }}</p>{% endif %}
</div>
"""

QUESTION: Final = """
{% from "parts" import facts with context %}
<div class="reply-box" role="status">
<p class="big">{{ headline }}</p>
{% if extra %}<p>{{ extra }}</p>{% endif %}
{% if ties > 1 -%}
<p>{{ t("ties", n=t.number(ties)) if ties == items | length
      else t("ties_shown", n=t.number(ties), shown=items | length) }}</p>
{%- endif %}
{% if items %}
<ul class="rows">
{% for item in items %}
<li class="line"><div><strong>{{ item.display_title or item.text }}</strong>
{%- if item.platform %}{{ facts(item) }}{% endif %}</div></li>
{% endfor %}
</ul>{% endif %}
<p class="note">{{ t("reading", reading=reading) }}</p>
</div>
"""

CHART: Final = """
<section class="leaf chart {{ kind }}">
<h2>{{ heading }}</h2>
{% if legend %}<ul class="legend" aria-hidden="true">
{% for key, label in legend %}<li class="key-{{ key }}">{{ label }}</li>{% endfor %}
</ul>{% endif %}
<div class="bars" aria-hidden="true">
{% for bar in bars %}
<div class="bar"><span class="bar-label">{{ bar.label }}</span>
<span class="rail" title="{{ bar.label }}: {{ t.number(bar.total) }}">
{%- for key, value in bar.parts -%}
<span class="share key-{{ key }}"
 style="--share: {{ '%.3f' | format(100 * value / most) }}%"></span>
{%- endfor -%}
</span><span class="bar-value">{{ t.number(bar.total) }}</span></div>
{% endfor %}
</div>
{% if note %}<p class="note">{{ note }}</p>{% endif %}
<details><summary>{{ t("as_table") }}</summary>
<div class="scroll"><table><caption>{{ heading }}</caption>
{% if legend %}<thead><tr><td></td>
{% for _, label in legend %}<th scope="col">{{ label }}</th>{% endfor %}</tr></thead>{% endif %}
<tbody>{% for bar in bars %}<tr><th scope="row">{{ bar.label }}</th>
{% for _, value in bar.parts %}<td>{{ t.number(value) }}</td>{% endfor %}</tr>{% endfor %}
</tbody></table></div></details>
</section>
"""

MODEL: Final = """
<div class="leaf lead">
<p class="eyebrow">{{ model.name }} · {{ t("model_version", version=model.version) }}</p>
<p class="big">{{ headline }}</p>
{% if verdict %}<p>{{ verdict }}</p>{% endif %}
{% if lists %}<p>{{ lists }}</p>{% endif %}
</div>
{% if signal %}
<div class="leaf"><h2>{{ t("model_signal") }}</h2>
<p{% if signal.language %} lang="{{ signal.language }}"{% endif %}>{{ signal.text }}</p></div>
{% endif %}
{% if ways %}
<div class="leaf"><h2>{{ t("model_metrics") }}</h2>
<div class="scroll"><table>
<thead><tr><th scope="col">{{ t("way") }}</th>
{% for measure in measures %}<th scope="col">{{ measure }}</th>{% endfor %}</tr></thead>
<tbody>
{% for way, values in ways %}
<tr{% if loop.first %} class="ours"{% endif %}><th scope="row">{{ way }}</th>
{% for value in values %}
<td>{{ "-" if value is none else t.number(value, 3) }}</td>
{% endfor %}</tr>
{% endfor %}
</tbody></table></div>
<p class="note">{{ note }}</p></div>
{% endif %}
<div class="leaf"><h2>{{ t("model_facts") }}</h2>
<dl>
{% for term, value in facts %}<dt>{{ term }}</dt>
<dd{% if value.language %} lang="{{ value.language }}"{% endif %}>{{ value.text }}</dd>{% endfor %}
</dl></div>
"""

FRAME: Final = """
<header class="masthead">
<div><h1>
<svg viewBox="0 0 24 24" width="30" height="30" aria-hidden="true">
<path d="M3 8.2 20.2 3.6l.8 2.9L3.8 11.1zM3 12h18v8.5H3z" fill="currentColor"/></svg>
{{ t("name") }}</h1><p>{{ t("tagline") }}</p></div>
<nav aria-label="{{ t('languages') }}">
{% for code, language in languages.items() %}
<a href="../{{ code }}/" hreflang="{{ code }}" lang="{{ code }}"
{%- if code == t.language %} aria-current="true"{% endif %}>{{ language }}</a>
{% endfor %}
{% if is_locked %}
<form method="post" action="../../logout" data-leave><button class="quiet">{{ t("log_out") }}
</button></form>
{% endif %}
</nav>
</header>
<div id="trouble" hidden><p role="alert"></p>
<button type="button" class="quiet" data-reload hidden>{{ t("reload") }}</button></div>
<p id="busy" role="status"></p>
"""

FOOT: Final = """
<footer class="foot"><a href="../../api/docs">{{ t("for_code") }}</a></footer>
"""

TEMPLATES: Final = {
    "note": NOTE,
    "profile": PROFILE,
    "prediction": PREDICTION,
    "question": QUESTION,
    "chart": CHART,
    "model": MODEL,
    "frame": FRAME,
    "foot": FOOT,
}
