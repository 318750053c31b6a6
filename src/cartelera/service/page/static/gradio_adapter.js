// What Gradio makes necessary in the browser. It stands before `page.js`, in one function with it,
// and runs in the element that `layout` names the bridge: `props` and `trigger` are Gradio's.
const CALL = "/gradio_api/run/predict";
const root = document;
let focused = null;
let pending = 0;

// Gradio sets the browser's language, whatever the page's own is.
const keepLanguage = () => {
  if (root.documentElement.lang !== props.language) root.documentElement.lang = props.language;
};
keepLanguage();
new MutationObserver(keepLanguage).observe(root.documentElement, {attributeFilter: ["lang"]});

// Tells the server of an event: it answers with the value of the bridge and the event's details.
const send = (event, value, detail) => {
  focused = root.activeElement && root.activeElement.id;
  props.value = value;
  trigger(event, detail);
};

// Whoever waits is told so, and so is whoever waits in vain. A call that found no server, or a busy
// one, is made again until it is answered: all calls may be made twice. Gradio would give the page
// up instead.
const plainFetch = window.fetch;
const AGAIN = [0, 429, 502, 503, 504];
const showTrouble = (status) => {
  const box = root.getElementById("trouble");
  const isOver = status >= 400 && !AGAIN.includes(status) && status < 500;
  const kind = status === 401 ? "locked" : isOver ? "outdated"
    : status === 429 ? "hurried" : status === 500 ? "failed" : "unreachable";
  box.hidden = status < 400 && status > 0;
  box.firstElementChild.textContent = box.hidden ? "" : props[kind];
  box.lastElementChild.hidden = !isOver;
  showPage();
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
const fetchPatiently = async (...call) => {
  for (;;) {
    const response = await plainFetch(...call).catch((error) => {
      if (error.name === "AbortError") throw error;
      return null;
    });
    const status = response ? response.status : 0;
    showTrouble(status);
    if (!AGAIN.includes(status)) return response;
    const seconds = Number(response && response.headers.get("Retry-After")) || 2;
    await new Promise((resolve) => setTimeout(resolve, 1000 * Math.min(seconds, 30)));
  }
};
window.fetch = async (address, ...options) => {
  if (!String(address.url || address).includes(CALL)) return plainFetch(address, ...options);
  const done = showWaiting();
  try {
    return await fetchPatiently(address, ...options);
  } finally {
    done();
  }
};

// What is seen first gives way to what it stood for, or to the trouble there is with it.
const showPage = () => {
  const first = root.getElementById("first");
  if (first && root.querySelector("#start section, #trouble:not([hidden])")) first.remove();
};

// New HTML is worked into the old one: an element may now stand for something else, with what it
// held before. And if it was replaced, whoever uses the keyboard gets the focus back.
const onNewHtml = (attributeFilter, show) => {
  new MutationObserver(() => {
    showPage();
    show();
    if (!focused || root.activeElement !== root.body) return;
    const again = root.getElementById(focused);
    if (again) again.focus();
  }).observe(root.body, {childList: true, subtree: true, attributes: true, attributeFilter});
};
