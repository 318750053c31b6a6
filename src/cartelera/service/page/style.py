"""The styles of the page's own HTML; Gradio's components are dressed in `theme`.

Colours are variables with a light and a dark value; text on its background keeps a contrast of
4.5 to 1 or more. Gradio puts the class `dark` on the body where the system asks for dark.
"""

from typing import Final

from cartelera.platforms import Platforms

_STAR: Final = (
    "url(\"data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 24 24'%3E"
    "%3Cpath d='m12 2.6 2.9 6 6.6.9-4.8 4.6 1.2 6.5-5.9-3.2-5.9 3.2 1.2-6.5L2.5 9.5l6.6-.9z'/%3E"
    '%3C/svg%3E")'
)

_COLOURS: Final = """
:root {
  --ink: #1c1917; --soft: #57534e; --line: #e2dfdb; --paper: #fff; --tint: #f5f4f2;
  --accent: #0f766e; --star: #b45309; --no-star: #d6d3d1; --warn: #9f1239;
  --movie: #0f766e; --tv-show: #b45309; --button: #0f766e; --button-hover: #115e59;
}
.dark {
  --ink: #f5f5f4; --soft: #b8b2ab; --line: #3a3633; --paper: #1f1c1a; --tint: #292524;
  --accent: #2dd4bf; --star: #fbbf24; --no-star: #4a4541; --warn: #fda4af;
  --movie: #2dd4bf; --tv-show: #fbbf24; --button: #0f766e; --button-hover: #115e59;
}
@media (max-width: 640px) { html { scroll-padding-bottom: 72px; } }
@keyframes waiting { from { background-position: -60% 0, 0 0; }
  to { background-position: 160% 0, 0 0; } }
"""

_FRAME: Final = """
& { padding: 0 !important; overflow: clip !important; }
& > .main.app { max-width: 1240px; margin: 0 auto; padding: 0 24px 32px; }
.prose { color: var(--ink); max-width: none; }
.prose :where(h1, h2, h3, p, ol, ul, li, dl, dd) { margin: 0; padding: 0; }
.prose :where(ol, ul) { list-style: none; }
h2 { font-size: 1.125rem; font-weight: 650; color: var(--ink); }
h3 { font-size: 1.0625rem; font-weight: 650; line-height: 1.3; color: var(--ink);
  overflow-wrap: anywhere; }
.leaf :is(h2, h3) { font-size: 1.0625rem; }
.sheet .leaf h3 { font-size: .9375rem; color: var(--soft); }
:is(a, button, input, summary, select):focus-visible {
  outline: 3px solid var(--accent); outline-offset: 2px; border-radius: 4px; }
#bridge { display: none; }
.masthead { display: flex; flex-wrap: wrap; align-items: end; justify-content: space-between;
  gap: 12px 24px; padding: 28px 0 12px; }
.masthead h1 { display: flex; align-items: center; gap: 10px; font-size: 1.75rem; font-weight: 700;
  letter-spacing: -.02em; color: var(--ink); line-height: 1.2; }
.masthead h1 svg { flex: none; }
.masthead path { fill: var(--accent); }
.masthead p { color: var(--soft); font-size: 1.0625rem; margin-top: 4px; }
.masthead nav { display: flex; flex-wrap: wrap; gap: 4px; align-items: center; }
.masthead nav form { margin-left: 8px; }
#trouble:not([hidden]) { position: sticky; top: 8px; z-index: 20; display: flex; flex-wrap: wrap;
  gap: 8px 16px; align-items: center; padding: 12px 16px; border-radius: 10px; color: var(--ink);
  background: var(--paper); border: 2px solid var(--warn); font-weight: 600; }
#busy { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
&:has(#busy[data-on])::after { content: ""; position: fixed; z-index: 30; top: 0; left: 0;
  width: 100%; height: 3px; background: linear-gradient(90deg, transparent, var(--accent),
  transparent) 0 0 / 40% 100% no-repeat, var(--line); animation: waiting 1.1s linear infinite; }
.masthead nav a { padding: 6px 12px; border-radius: 999px; color: var(--soft);
  text-decoration: none; }
.masthead nav a[aria-current] { background: var(--paper); color: var(--ink); font-weight: 600;
  box-shadow: inset 0 0 0 1px var(--line); }
.foot { padding-top: 24px; color: var(--soft); }
#model { padding-top: 12px; }
.foot a { color: inherit; padding: 0; }
#tabs .tab-container { height: auto; }
#tabs .tab-container button { font-size: 1rem; padding: 10px 14px; min-height: 44px; }
#tabs [role=tab][aria-selected=true] { color: var(--accent); font-weight: 600; }
.split, .questions { gap: 24px !important; align-items: flex-start !important; }
.split, .questions { padding-top: 12px; }
.sheet { background: var(--paper); border: 1px solid var(--line); border-radius: 14px;
  padding: 20px !important; gap: 18px !important; }
.sheet .form { display: grid; gap: 16px; background: none; border: 0; overflow: visible;
  border-radius: 0; }
.sheet .block { overflow: visible !important; }
.sheet [data-testid=block-info] { color: var(--ink); font-weight: 600; font-size: .9375rem;
  margin-bottom: 6px; }
.sheet .info, .sheet .info p { color: var(--soft); }
.sheet :is(textarea, .wrap-inner) { background: var(--paper); }
.sheet textarea { border: 1px solid var(--no-star) !important; min-height: 42px; }
.sheet .wrap:has(> .wrap-inner) { border: 1px solid var(--no-star); background: var(--paper); }
.sheet h2:not(:first-child) { padding-top: 8px; }
.questions > * { align-self: stretch; }
"""

_TITLES: Final = """
.chip { display: inline-flex; align-items: center; gap: 6px; padding: 1px 10px 1px 8px;
  border: 1px solid var(--line); border-radius: 999px; font-size: .8125rem; font-weight: 600;
  color: var(--ink); white-space: nowrap; }
.chip::before { content: ""; width: 8px; height: 8px; border-radius: 50%;
  background: var(--platform); }
.facts { display: flex; flex-wrap: wrap; align-items: center; gap: 4px 10px; color: var(--soft);
  font-size: .875rem; }
.facts > span:not(.chip), .expected > span { color: var(--soft); }
.certificate { border: 1px solid var(--no-star); border-radius: 4px; padding: 0 5px;
  font-size: .75rem; line-height: 1.4; }
.cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(300px, 100%), 1fr));
  gap: 16px; }
.card, .leaf, .nothing, .reply-box { background: var(--paper); border: 1px solid var(--line);
  border-radius: 14px; padding: 18px 20px; color: var(--ink); }
.card { display: flex; flex-direction: column; gap: 8px; }
.card-head { display: flex; justify-content: space-between; gap: 12px; align-items: flex-start; }
.expected { display: grid; grid-template-columns: auto auto; column-gap: 6px; flex: none;
  align-items: baseline; justify-content: end; font-size: .75rem; color: var(--soft); }
.expected strong { font-size: 1.25rem; line-height: 1.1; color: var(--ink);
  font-variant-numeric: tabular-nums; text-align: right; }
.expected .stars { grid-column: 1 / -1; }
.second { margin-top: 24px; }
.second h2 { margin-bottom: 12px; }
.first { margin-top: 16px; }
.first li { display: flex; flex-wrap: wrap; align-items: center; justify-content: space-between;
  gap: 2px 12px; overflow-wrap: anywhere; }
.first cite { font-style: normal; font-weight: 600; }
.first .year { color: var(--soft); font-size: .875rem; }
.genres { color: var(--soft); font-size: .875rem; }
.genres::first-letter { text-transform: uppercase; }
.why, .liked li { overflow-wrap: anywhere; }
.why { font-size: .9375rem; margin-top: auto; padding-top: 4px; }
.why cite, .liked cite { font-style: normal; font-weight: 600; }
.given { color: var(--star); font-weight: 600; white-space: nowrap; }
.card details { border-top: 1px solid var(--line); padding-top: 6px; }
summary { cursor: pointer; color: var(--soft); font-size: .875rem; padding: 4px 0; }
.rows { display: grid; }
.line .facts { margin-top: 4px; }
.line { display: flex; flex-wrap: wrap; align-items: center; justify-content: space-between;
  gap: 6px 12px; padding: 10px 0; border-bottom: 1px solid var(--line); }
.line > div { flex: 1 1 180px; min-width: 0; overflow-wrap: anywhere; color: var(--ink); }
.line strong { font-weight: 600; display: block; }
.mine { display: inline-flex; align-items: center; gap: 4px; }
"""

_STARS: Final = f"""
.stars {{ --size: 15px; display: inline-block; width: calc(var(--most) * var(--size));
  height: var(--size);
  background: linear-gradient(to right, var(--star) calc(100% / var(--most) * var(--value)),
    var(--no-star) calc(100% / var(--most) * var(--value)));
  -webkit-mask: {_STAR} 0 50% / var(--size) var(--size) repeat-x;
  mask: {_STAR} 0 50% / var(--size) var(--size) repeat-x; }}
"""

_CONTROLS: Final = """
.rate { display: inline-flex; align-items: center; gap: 8px; border-radius: 8px; padding: 2px 6px; }
.rate:focus-within { outline: 3px solid var(--accent); outline-offset: 1px; }
.rate input.stars { --size: 26px; appearance: none; -webkit-appearance: none; margin: 0;
  height: 36px; border: 0; padding: 0; cursor: pointer; outline: none !important; }
.rate input.stars::-webkit-slider-runnable-track { background: none; height: 36px; }
.rate input.stars::-webkit-slider-thumb { -webkit-appearance: none; width: 2px; height: 36px;
  opacity: 0; }
.rate input.stars::-moz-range-track { background: none; }
.rate input.stars::-moz-range-thumb { opacity: 0; width: 2px; border: 0; }
.rate output { min-width: 2.2em; font-variant-numeric: tabular-nums; color: var(--soft);
  font-size: .875rem; }
.quiet, .round { border: 1px solid var(--no-star); border-radius: 8px; background: var(--paper);
  color: var(--ink); cursor: pointer; min-height: 36px; padding: 4px 12px; font-size: .875rem; }
.round { min-width: 36px; padding: 0; font-size: 1.125rem; }
.prose :is(.quiet, .round):hover:enabled { background: var(--paper); border-color: var(--accent);
  color: var(--accent); }
.sheet .quiet[data-forget-all] { margin-top: 12px; }
.note, .about { color: var(--soft); font-size: .9375rem; }
.about { padding-bottom: 4px; font-size: 1rem; }
.problem { color: var(--warn); font-weight: 600; }
.strong { border: 0; border-radius: 8px; background: var(--button); color: #fff; cursor: pointer;
  font-weight: 600; min-height: 44px; padding: 6px 16px; width: 100%; }
.strong:hover { background: var(--button-hover); }
.quiet:disabled { color: var(--soft); border-style: dashed; cursor: not-allowed; }
& .sheet:not(:has(#rated .line)) :is(#keep, #kept) { display: none; }
#keep form { display: grid; gap: 6px; margin-top: 10px; }
#keep label { font-weight: 600; font-size: .9375rem; color: var(--ink); }
#keep .note { margin-top: 4px; }
#keep input { border: 1px solid var(--no-star); border-radius: 6px; background: var(--paper);
  color: var(--ink); min-height: 42px; padding: 8px 10px; width: 100%; margin-bottom: 6px; }
#keep input::placeholder { color: var(--soft); opacity: 1; }
.number { font-size: 1.375rem; font-weight: 700; font-variant-numeric: tabular-nums;
  user-select: all; }
.next { display: grid; gap: 6px; font-size: .9375rem; color: var(--soft); }
#to-list { display: none; }
.nothing ul { list-style: disc; padding-left: 20px; margin-top: 6px; }
.nothing h3 { margin-bottom: 8px; }
"""

_ANSWERS: Final = """
.leaf { display: grid; gap: 10px; margin-bottom: 16px; }
.sheet .leaf { margin: 0; padding: 14px 16px; background: var(--tint); border: 0; }
.liked { display: grid; gap: 6px; }
.liked li { display: flex; flex-wrap: wrap; gap: 2px 10px; align-items: center; }
.verdict { border-left: 5px solid var(--soft); }
.verdict.yes { border-left-color: var(--accent); }
.decision { font-size: 1.125rem; font-weight: 700; }
.verdict.yes .decision { color: var(--accent); }
.reply-box { background: var(--tint); border: 0; display: grid; gap: 8px; }
.big { font-size: 1.25rem; font-weight: 650; line-height: 1.35; }
.reply-box .big { font-size: 1.5rem; }
.lead-note { padding: 12px 0 16px; font-size: 1.0625rem; color: var(--ink); }
.eyebrow { color: var(--soft); font-weight: 600; }
.scroll { overflow-x: auto; }
.prose .scroll :is(table, tr) { border: 0; }
.scroll table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
.prose .scroll :is(th, td) { padding: 8px 12px 8px 0; text-align: right; border: 0;
  border-bottom: 1px solid var(--line); color: var(--ink); font-weight: 400; }
.prose .scroll thead th { color: var(--soft); font-size: .875rem; }
.prose .scroll th:first-child { text-align: left; }
.prose .scroll .ours > * { font-weight: 700; }
.scroll caption { text-align: left; color: var(--soft); padding: 6px 0; }
dl { display: grid; grid-template-columns: minmax(120px, auto) 1fr; gap: 8px 20px; }
dt { color: var(--soft); } dd { overflow-wrap: anywhere; }
@media (max-width: 560px) { dl { grid-template-columns: 1fr; gap: 2px; }
  .prose dd { padding-bottom: 10px; } }
"""

_CHARTS: Final = """
.charts { columns: 2 420px; column-gap: 16px; }
.charts .leaf { break-inside: avoid; margin: 0 0 16px; }
.bars { display: grid; gap: 6px; }
.bar { display: grid; grid-template-columns: var(--label, 90px) 1fr 3.6em; gap: 10px;
  align-items: center; font-size: .875rem; }
.by-genre { --label: 150px; } .by-year { --label: 40px; } .by-year .bars { gap: 2px; }
.bar-label { color: var(--ink); overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.bar-value { color: var(--soft); text-align: right; font-variant-numeric: tabular-nums; }
.rail { display: flex; height: 18px; gap: 1px; }
.by-year .rail { height: 13px; }
.share { width: var(--share); background: var(--key); }
.share:first-child { border-radius: 3px 0 0 3px; } .share:last-child { border-radius: 0 3px 3px 0; }
.legend { display: flex; flex-wrap: wrap; gap: 4px 16px; font-size: .875rem; color: var(--soft); }
.legend li { display: inline-flex; align-items: center; gap: 6px; }
.legend li::before { content: ""; width: 12px; height: 12px; border-radius: 3px;
  background: var(--key); }
.key-movie { --key: var(--movie); } .key-tv-show { --key: var(--tv-show); }
.key-plain { --key: var(--accent); } .key-stars { --key: var(--star); }
"""

_PHONE: Final = """
@media (max-width: 640px) {
  & > .main.app { padding: 0 14px 24px; }
  .masthead { padding-top: 18px; }
  .sheet { padding: 16px !important; }
  #tabs .tab-container button { padding: 10px 5px; font-size: .875rem; }
  .by-genre { --label: 116px; }
  #to-list { display: block; position: sticky; bottom: 12px; z-index: 10; text-align: center;
    pointer-events: none; }
  #to-list a { pointer-events: auto; display: inline-block; padding: 10px 20px; color: #fff;
    border-radius: 999px; background: var(--button); font-weight: 600; text-decoration: none;
    box-shadow: 0 2px 10px rgb(0 0 0 / .3); }
}
@media (prefers-reduced-motion: reduce) {
  &, & *, & ::before, & ::after { animation: none !important; transition: none !important;
    scroll-behavior: auto !important; }
}
"""

# Nested, so that these rules win over those that Gradio has for HTML in general.
_RULES: Final = "".join([_FRAME, _TITLES, _STARS, _CONTROLS, _ANSWERS, _CHARTS, _PHONE])

STYLE: Final = f"{_COLOURS}.gradio-container.gradio-container {{{_RULES}}}"
"""All of them but those of the platforms, as one style sheet."""

_SHARE_IN_THE_DARK: Final = "55%"


def platform_style(platforms: Platforms) -> str:
    """Return the colours of the platforms, lighter where the system asks for dark."""
    rules: list[str] = []
    for platform in platforms:
        light = platform.colour
        dark = f"color-mix(in srgb, {light} {_SHARE_IN_THE_DARK}, white)"
        of_platform = f":is(.chip-{platform.name}, .key-{platform.name})"
        rules.append(f"{of_platform} {{ --platform: {light}; --key: {light}; }}")
        rules.append(f".dark {of_platform} {{ --platform: {dark}; --key: {dark}; }}")
    return "\n".join(rules)
