// Keeps the ratings of this tab and tells the server of clicks. Whatever it shows comes from the
// server as escaped HTML; it writes no HTML itself.

const KEY = "cartelera.ratings";
const NUMBER = "cartelera.number";
const OFFER = "cartelera.offer";
let waiting = null;
let shownFrom = null;

const load = (key) => {
  try { return sessionStorage.getItem(key); } catch { return null; }
};
const store = (key, value) => {
  try { sessionStorage.setItem(key, value); } catch { /* private browsing */ }
};
const read = () => {
  try { return JSON.parse(load(KEY)) || {}; } catch { return {}; }
};
let ratings = read();

const announce = (event, detail) => send(event, JSON.stringify(ratings), detail);

const rate = (id, stars) => {
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
  rate(slider.dataset.rate, starsOf(slider));
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
  if (button.dataset.forget) rate(button.dataset.forget, null);
  else Object.keys(ratings).forEach((id) => rate(id, null));
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
    offered: load(OFFER) || event.target.dataset.keep,
  });
});

// The number stays with the ratings: saved again, and in the other language, they are one user's.
const showNumber = () => {
  const form = root.querySelector("[data-keep]");
  const kept = root.querySelector("#kept [data-number]");
  if (form && !load(OFFER)) store(OFFER, form.dataset.keep);
  if (kept) store(NUMBER, kept.dataset.number);
  const field = root.getElementById("keep-number");
  const from = kept || form;
  if (!field || from === shownFrom) return;
  shownFrom = from;
  field.value = load(NUMBER) || "";
};

// A slider may now stand for another title, with the former one's stars.
onNewHtml(["data-rate", "data-number"], () => {
  showAll();
  showNumber();
});

for (const id of ["tonight-about", "viewer-profile", "viewer-verdict", "kept"]) {
  const region = root.getElementById(id);
  if (region) region.setAttribute("aria-live", "polite");
}

setTimeout(() => {
  announce("input");
  announce("ready");
}, 0);
