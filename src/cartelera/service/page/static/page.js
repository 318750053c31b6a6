// Keeps the viewer's marks and tells the server of clicks. Whatever it shows comes from the server
// as escaped HTML; it writes no HTML itself. A mark is what a title has of the viewer: stars,
// "later" (to watch) or "hidden" (not interested).

const KEY = "cartelera.marks";
const NUMBER = "cartelera.number";
const OFFER = "cartelera.offer";
let waiting = null;
let shownFrom = null;
let undoable = null;
const shown = new Set();  // titles to rate that were passed over

const load = (key) => {
  try { return localStorage.getItem(key); } catch { return null; }
};
const store = (key, value) => {
  try { localStorage.setItem(key, value); } catch { /* private browsing */ }
};
const read = () => {
  try { return JSON.parse(load(KEY)) || {}; } catch { return {}; }
};
let marks = read();

const announce = (event, detail) => send(event, JSON.stringify(marks), detail);
const announceSoon = () => {
  clearTimeout(waiting);
  waiting = setTimeout(() => announce("input"), 400);
};

const keep = (changed) => {
  marks = changed;
  store(KEY, JSON.stringify(marks));
  const kept = root.getElementById("kept");  // it speaks of the ratings as they were
  if (kept) kept.hidden = true;
  showAll();
};

const say = (text) => {
  root.querySelector("#done span").textContent = text;
  root.getElementById("done").toggleAttribute("data-on", Boolean(text));
};

// Changes marks in a way that can be undone; a title that is changed again is still one change.
const change = (ids, mark, said) => {
  const what = ids.join();
  if (!undoable || undoable.what !== what) undoable = {what, before: marks};
  const others = Object.entries(marks).filter(([id]) => !ids.includes(id));
  keep(Object.fromEntries(mark === null ? others : [...others, ...ids.map((id) => [id, mark])]));
  say(said);
};

const undo = () => {
  if (undoable) keep(undoable.before);
  undoable = null;
  say("");
  announce("input");
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
  slider.value = slider.dataset.rate in marks ? slider.min : lowest;
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
    const mark = marks[slider.dataset.rate];
    const stars = typeof mark === "number" ? mark : null;
    if (starsOf(slider) === stars) continue;
    slider.value = stars ?? slider.min;
    paint(slider);
  }
  for (const button of root.querySelectorAll("[data-mark]")) {
    const isOn = marks[button.dataset.title] === button.dataset.mark;
    button.setAttribute("aria-pressed", isOn);
  }
};

const rate = (slider) => {
  settle(slider);
  paint(slider);
  const stars = starsOf(slider);
  const {rate: id, said, unsaid} = slider.dataset;
  change([id], stars, stars === null ? unsaid : said);
  announceSoon();
};

root.addEventListener("input", (event) => {
  const slider = event.target.closest("[data-rate]");
  if (slider) rate(slider);
});

const actions = {
  reload: () => location.reload(),
  undo,
  predict: ({predict}) => announce("picked", {title_id: predict}),
  like: ({like}) => announce("like", {title_id: like}),
  surprise: () => announce("surprise"),
  more: ({more}) => announce("more", {k: Number(more)}),
  others: () => {
    root.querySelectorAll("#start [data-rate]").forEach((slider) => shown.add(slider.dataset.rate));
    announce("others", {shown: [...shown]});
  },
  fold: (_, button) => {
    const isOpen = button.getAttribute("aria-expanded") === "true";
    button.setAttribute("aria-expanded", !isOpen);
  },
  mark: ({mark, title, said, unsaid}) => {
    const isOn = marks[title] === mark;
    change([title], isOn ? null : mark, isOn ? unsaid : said);
    announce("input");
  },
  forget: ({forget, said}) => forgetAll([forget], said),
  forgetAll: ({said}) => forgetAll(
    Object.keys(marks).filter((id) => typeof marks[id] === "number"), said),
};

const forgetAll = (ids, said) => {
  change(ids, null, said);
  announce("input");
  const search = root.querySelector("#rate-search textarea, #rate-search input");
  if (search) search.focus();
};

// A thumb means the whole star it is on.
root.addEventListener("pointerup", (event) => {
  const slider = event.pointerType === "touch" && event.target.closest("[data-rate]");
  if (!slider) return;
  const {left, width} = slider.getBoundingClientRect();
  slider.value = Math.max(1, Math.ceil((event.clientX - left) / width * Number(slider.max)));
  rate(slider);
});

root.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  const action = button && Object.keys(actions).find((name) => name in button.dataset);
  if (action) actions[action](button.dataset, button);
});

// Another tab of this browser has changed the marks.
window.addEventListener("storage", ({key}) => {
  if (key !== KEY && key !== null) return;
  marks = read();
  undoable = null;
  say("");
  showAll();
  announce("input");
});

root.addEventListener("submit", (event) => {
  if (event.target.matches("[data-leave]")) {
    try { localStorage.clear(); } catch { /* private browsing */ }
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

// The address holds the tab, the wishes as the server writes them, and the words of the search: Back
// works, and a link can be shared. Only words replace the address they stand in.
const place = {tab: "", wishes: null, words: ""};
let addressRead = null;
const addressOf = ({tab, wishes, words}) => {
  const query = new URLSearchParams(wishes);
  if (tab) query.set("tab", tab);
  if (words) query.set("words", words);
  return query.toString();
};
const showAddress = (how) => {
  if (place.wishes === null) return;
  const address = addressOf(place);
  if (address !== new URLSearchParams(location.search).toString()) {
    history[how](null, "", address ? `?${address}` : location.pathname);
  }
  for (const link of root.querySelectorAll("a[hreflang]")) link.search = location.search;
};
const openTab = () => {
  const tab = root.querySelectorAll("[role=tab]")[Number(place.tab)];
  if (tab) tab.click();
};
const readWishes = () => {
  const written = root.querySelector("[data-address]");
  if (!written || written.dataset.address === addressRead) return;
  const isFirst = place.wishes === null;
  addressRead = place.wishes = written.dataset.address;
  if (isFirst && place.tab) openTab();  // before the first answer the tabs hear no click
  showAddress(isFirst ? "replaceState" : "pushState");
};
const openAddress = () => {
  const query = new URLSearchParams(location.search);
  Object.assign(place, {tab: query.get("tab") || "", words: query.get("words") || ""});
  query.delete("tab");
  query.delete("words");
  if (place.wishes !== null) {
    place.wishes = query.toString();
    openTab();
  }
  announce("opened", {query: query.toString(), words: place.words});
};
window.addEventListener("popstate", openAddress);
root.addEventListener("click", ({target}) => {
  const tab = target.closest("[role=tab]");
  if (!tab) return;
  const number = [...root.querySelectorAll("[role=tab]")].indexOf(tab);
  place.tab = number ? String(number) : "";
  showAddress("pushState");
});
root.addEventListener("input", ({target}) => {
  if (!target.closest("#rate-search")) return;
  place.words = target.value;
  showAddress("replaceState");
});

// Titles like another one stand above the list, out of sight of whoever asked for them.
let likeShown = "";
const showLike = () => {
  const heading = root.getElementById("like-head");
  const text = heading ? heading.textContent : "";
  if (text === likeShown) return;
  likeShown = text;
  if (heading) heading.focus();
};

// A slider may now stand for another title, with the former one's stars.
onNewHtml(["data-rate", "data-number", "data-title", "data-address"], () => {
  showAll();
  readWishes();
  showNumber();
  showLike();
});

for (const id of ["tonight-about", "viewer-profile", "viewer-verdict", "kept"]) {
  const region = root.getElementById(id);
  if (region) region.setAttribute("aria-live", "polite");
}

setTimeout(() => {
  openAddress();
  announce("ready");
}, 0);
