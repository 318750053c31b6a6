"""The script of the page: it keeps the ratings of this tab and tells the server of clicks.

It runs in the element that `layout` names the bridge. Whatever it shows comes from the server as
escaped HTML; it writes no HTML itself.
"""

from typing import Final

BRIDGE: Final = r"""
const KEY = "cartelera.ratings";
const NUMBER = "cartelera.number";
const OFFER = "cartelera.offer";
const CALL = "/gradio_api/run/predict";
const root = document;
let waiting = null;
let focused = null;
let shownFrom = null;
let pending = 0;

// Gradio sets the browser's language, whatever the page's own is.
const speak = () => {
  if (root.documentElement.lang !== props.language) root.documentElement.lang = props.language;
};
speak();
new MutationObserver(speak).observe(root.documentElement, {attributeFilter: ["lang"]});

const recall = (key) => {
  try { return sessionStorage.getItem(key); } catch { return null; }
};
const store = (key, value) => {
  try { sessionStorage.setItem(key, value); } catch { /* private browsing */ }
};
const read = () => {
  try { return JSON.parse(recall(KEY)) || {}; } catch { return {}; }
};
let ratings = read();

const announce = (event, detail) => {
  focused = root.activeElement && root.activeElement.id;
  props.value = JSON.stringify(ratings);
  trigger(event, detail);
};

const keep = (id, stars) => {
  delete ratings[id];
  if (stars !== null) ratings[id] = stars;
  store(KEY, JSON.stringify(ratings));
  const kept = root.getElementById("kept");  // it speaks of the ratings as they were
  if (kept) kept.hidden = true;
};

// The lowest place of a slider stands for no rating; below the lowest rating there is no other.
const starsOf = (slider) => {
  const stars = Number(slider.value);
  return stars > Number(slider.min) ? stars : null;
};

const settle = (slider) => {
  const stars = starsOf(slider);
  const lowest = Number(slider.dataset.lowest);
  if (stars === null || stars >= lowest) return;
  slider.value = slider.dataset.rate in ratings ? slider.min : lowest;
};

const paint = (slider) => {
  const stars = starsOf(slider);
  const shown = stars === null ? "-"
    : stars.toLocaleString(root.documentElement.lang, {minimumFractionDigits: 1});
  slider.style.setProperty("--value", slider.value);
  slider.setAttribute("aria-valuetext", stars === null ? props.unrated
    : props.spoken.replace("{stars}", shown).replace("{most}", slider.dataset.most));
  slider.nextElementSibling.textContent = shown;
};

const showAll = () => {
  for (const slider of root.querySelectorAll("[data-rate]")) {
    const stars = ratings[slider.dataset.rate] ?? null;
    if (starsOf(slider) === stars) continue;
    slider.value = stars ?? slider.min;
    paint(slider);
  }
};

root.addEventListener("input", (event) => {
  const slider = event.target.closest("[data-rate]");
  if (!slider) return;
  settle(slider);
  paint(slider);
  keep(slider.dataset.rate, starsOf(slider));
  showAll();
  clearTimeout(waiting);
  waiting = setTimeout(() => announce("input"), 400);
});

root.addEventListener("click", (event) => {
  const button = event.target.closest(
    "[data-predict], [data-forget], [data-forget-all], [data-reload]");
  if (!button) return;
  if ("reload" in button.dataset) {
    location.reload();
    return;
  }
  if (button.dataset.predict) {
    announce("picked", {title_id: button.dataset.predict});
    return;
  }
  if (button.dataset.forget) keep(button.dataset.forget, null);
  else Object.keys(ratings).forEach((id) => keep(id, null));
  showAll();
  announce("input");
  const search = root.querySelector("#rate-search textarea, #rate-search input");
  if (search) search.focus();
});

root.addEventListener("submit", (event) => {
  if (event.target.matches("[data-leave]")) {
    try { sessionStorage.clear(); } catch { /* private browsing */ }
  }
  if (!event.target.matches("[data-keep]")) return;
  event.preventDefault();
  root.getElementById("kept").hidden = false;
  announce("saved", {
    typed: root.getElementById("keep-number").value,
    offered: recall(OFFER) || event.target.dataset.keep,
  });
});

// The number stays with the ratings: saved again, and in the other language, they are one user's.
const showNumber = () => {
  const form = root.querySelector("[data-keep]");
  const kept = root.querySelector("#kept [data-number]");
  if (form && !recall(OFFER)) store(OFFER, form.dataset.keep);
  if (kept) store(NUMBER, kept.dataset.number);
  const field = root.getElementById("keep-number");
  const from = kept || form;
  if (!field || from === shownFrom) return;
  shownFrom = from;
  field.value = recall(NUMBER) || "";
};

// Whoever waits is told so, and so is whoever waits in vain. A call that found no server, or a busy
// one, is made again until it is answered: all calls may be made twice. Gradio would give the page
// up instead.
const plainFetch = window.fetch;
const AGAIN = [0, 429, 502, 503, 504];
const say = (status) => {
  const box = root.getElementById("trouble");
  const isOver = status >= 400 && !AGAIN.includes(status) && status < 500;
  const kind = status === 401 ? "locked" : isOver ? "outdated"
    : status === 429 ? "hurried" : status === 500 ? "failed" : "unreachable";
  box.hidden = status < 400 && status > 0;
  box.firstElementChild.textContent = box.hidden ? "" : props[kind];
  box.lastElementChild.hidden = !isOver;
};
const showWaiting = () => {
  const busy = root.getElementById("busy");
  const timers = [
    setTimeout(() => { busy.dataset.on = ""; }, 300),
    setTimeout(() => { busy.textContent = props.loading; }, 1000),
  ];
  pending += 1;
  return () => {
    timers.forEach(clearTimeout);
    pending -= 1;
    if (pending) return;
    delete busy.dataset.on;
    busy.textContent = "";
  };
};
const persist = async (...call) => {
  for (;;) {
    const response = await plainFetch(...call).catch((error) => {
      if (error.name === "AbortError") throw error;
      return null;
    });
    const status = response ? response.status : 0;
    say(status);
    if (!AGAIN.includes(status)) return response;
    const seconds = Number(response && response.headers.get("Retry-After")) || 2;
    await new Promise((resolve) => setTimeout(resolve, 1000 * Math.min(seconds, 30)));
  }
};
window.fetch = async (address, ...options) => {
  if (!String(address.url || address).includes(CALL)) return plainFetch(address, ...options);
  const done = showWaiting();
  try {
    return await persist(address, ...options);
  } finally {
    done();
  }
};

// New HTML is worked into the old one: a slider may now stand for another title, with the former
// one's stars. And if it was replaced, whoever rates with the keyboard gets the focus back.
new MutationObserver(() => {
  showAll();
  showNumber();
  if (!focused || root.activeElement !== root.body) return;
  const again = root.getElementById(focused);
  if (again) again.focus();
}).observe(root.body, {
  childList: true, subtree: true, attributes: true, attributeFilter: ["data-rate", "data-number"],
});

for (const id of ["tonight-about", "viewer-profile", "viewer-verdict", "kept"]) {
  const region = root.getElementById(id);
  if (region) region.setAttribute("aria-live", "polite");
}

setTimeout(() => {
  announce("input");
  announce("ready");
}, 0);
"""
