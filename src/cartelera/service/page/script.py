"""The script of the page: it keeps the ratings of this tab and tells the server of clicks.

It runs in the element that `layout` names the bridge. Whatever it shows comes from the server as
escaped HTML; it writes no HTML itself.
"""

from typing import Final

BRIDGE: Final = r"""
const KEY = "cartelera.ratings";
const root = document;
let waiting = null;
let focused = null;

const read = () => {
  try { return JSON.parse(sessionStorage.getItem(KEY)) || {}; } catch { return {}; }
};
let ratings = read();

const announce = (event, detail) => {
  focused = root.activeElement && root.activeElement.id;
  props.value = JSON.stringify(ratings);
  trigger(event, detail);
};

const keep = (id, stars) => {
  delete ratings[id];
  if (stars > 0) ratings[id] = stars;
  try { sessionStorage.setItem(KEY, JSON.stringify(ratings)); } catch { /* private browsing */ }
};

const paint = (slider) => {
  const stars = Number(slider.value);
  const shown = stars.toLocaleString(root.documentElement.lang, {minimumFractionDigits: 1});
  slider.style.setProperty("--value", stars);
  slider.setAttribute("aria-valuetext", stars
    ? props.spoken.replace("{stars}", shown) : props.unrated);
  slider.nextElementSibling.textContent = stars ? shown : "-";
};

const showAll = () => {
  for (const slider of root.querySelectorAll("[data-rate]")) {
    const stars = ratings[slider.dataset.rate] || 0;
    if (Number(slider.value) === stars) continue;
    slider.value = stars;
    paint(slider);
  }
};

root.addEventListener("input", (event) => {
  const slider = event.target.closest("[data-rate]");
  if (!slider) return;
  paint(slider);
  keep(slider.dataset.rate, Number(slider.value));
  showAll();
  clearTimeout(waiting);
  waiting = setTimeout(() => announce("rated"), 400);
});

root.addEventListener("click", (event) => {
  const button = event.target.closest("[data-predict], [data-forget], [data-forget-all]");
  if (!button) return;
  if (button.dataset.predict) {
    announce("picked", {title_id: button.dataset.predict});
    return;
  }
  if (button.dataset.forget) keep(button.dataset.forget, 0);
  else Object.keys(ratings).forEach((id) => keep(id, 0));
  showAll();
  announce("rated");
  const search = root.querySelector("#rate-search textarea, #rate-search input");
  if (search) search.focus();
});

// New HTML is worked into the old one: a slider may now stand for another title, with the former
// one's stars. And if it was replaced, whoever rates with the keyboard gets the focus back.
new MutationObserver(() => {
  showAll();
  if (!focused || root.activeElement !== root.body) return;
  const again = root.getElementById(focused);
  if (again) again.focus();
}).observe(root.body, {
  childList: true, subtree: true, attributes: true, attributeFilter: ["data-rate"],
});

for (const id of ["tonight-about", "viewer-profile", "viewer-verdict"]) {
  const region = root.getElementById(id);
  if (region) region.setAttribute("aria-live", "polite");
}

setTimeout(() => announce("ready"), 0);
"""
