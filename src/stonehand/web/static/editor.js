// Keys and buttons for Markdown, text that is kept while it is typed, and the way from a sentence to its source.
// Everything works without this file: by the buttons that send the form.
(() => {
  "use strict";
  const form = document.getElementById("editor");
  const text = document.getElementById("field-text");
  if (!form || !text) return;
  const writes = Boolean(form.dataset.copy);
  const beside = () => document.getElementById("beside");

  // The server counts characters, JavaScript counts halves of the rarer ones.
  const units = (characters) => [...text.value].slice(0, characters).join("").length;
  const reveal = () => document.querySelectorAll("#editor [hidden]:is(.toolbar, [data-cite], [data-select])").forEach((it) => { it.hidden = false; });

  const select = (start, end) => {
    const [from, to] = [units(Number(start)), units(Number(end))];
    text.focus({ preventScroll: true });
    text.setSelectionRange(from, to);
    // Where the selection stands in a text area is known to a copy of it alone.
    const twin = document.createElement("div");
    const style = getComputedStyle(text);
    for (const name of ["font", "lineHeight", "padding", "letterSpacing", "tabSize"]) twin.style[name] = style[name];
    Object.assign(twin.style, { position: "absolute", visibility: "hidden", whiteSpace: "pre-wrap", overflowWrap: "break-word", boxSizing: "border-box", width: `${text.clientWidth}px` });
    twin.textContent = text.value.slice(0, from);
    document.body.append(twin);
    const above = twin.offsetHeight;
    twin.remove();
    text.scrollTop = Math.max(0, above - text.clientHeight / 2);
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    const top = text.getBoundingClientRect().top + scrollY + Math.min(above, text.clientHeight) - innerHeight / 2;
    scrollTo({ top, behavior: calm ? "auto" : "smooth" });
  };

  // ── marks ──

  // execCommand is the one way to write into a text area that undo knows about.
  const write = (words) => {
    text.focus();
    if (!document.execCommand("insertText", false, words)) {
      text.setRangeText(words, text.selectionStart, text.selectionEnd, "end");
      text.dispatchEvent(new Event("input", { bubbles: true }));
    }
  };
  const around = (mark, name) => {
    const [from, to] = [text.selectionStart, text.selectionEnd];
    const chosen = text.value.slice(from, to);
    const is = chosen.length > 2 * mark.length && chosen.startsWith(mark) && chosen.endsWith(mark);
    const bare = chosen || name;
    write(is ? chosen.slice(mark.length, -mark.length) : `${mark}${bare}${mark}`);
    const start = is ? from : from + mark.length;
    text.setSelectionRange(start, start + (is ? chosen.length - 2 * mark.length : bare.length));
  };
  const lines = (change) => {
    const from = text.value.lastIndexOf("\n", text.selectionStart - 1) + 1;
    const after = text.value.indexOf("\n", text.selectionEnd);
    const to = after < 0 ? text.value.length : after;
    const made = text.value.slice(from, to).split("\n").map(change).join("\n");
    text.setSelectionRange(from, to);
    write(made);
    text.setSelectionRange(from, from + made.length);
  };
  const begin = (prefix, others) => (line) => (line.startsWith(prefix) ? line.slice(prefix.length) : prefix + line.replace(others, ""));
  const link = () => {
    const [from, chosen] = [text.selectionStart, text.value.slice(text.selectionStart, text.selectionEnd)];
    const words = chosen || "words";
    write(`[${words}](https://)`);
    const at = from + words.length + 3;
    text.setSelectionRange(at, at + 8);
  };
  const block = /^(#{1,6} |> |[-*+] |\d+\. )/;
  const marks = {
    bold: () => around("**", "bold"),
    italic: () => around("*", "italic"),
    heading: () => lines(begin("## ", block)),
    subheading: () => lines(begin("### ", block)),
    list: () => lines(begin("- ", block)),
    numbers: () => lines((line, at) => (/^\d+\. /.test(line) ? line.replace(/^\d+\. /, "") : `${at + 1}. ${line.replace(block, "")}`)),
    quote: () => lines(begin("> ", block)),
    link,
  };
  const keys = { b: "bold", i: "italic", k: "link", "!2": "heading", "!3": "subheading", "^Digit8": "list", "^Digit7": "numbers", "^Digit9": "quote" };

  text.addEventListener("keydown", (event) => {
    if (!writes || !(event.ctrlKey || event.metaKey) || event.isComposing) return;
    const found = keys[event.altKey ? `!${event.code.replace("Digit", "")}` : event.shiftKey ? `^${event.code}` : event.key.toLowerCase()];
    if (found) { event.preventDefault(); marks[found](); }
  });
  // A list goes on with the next line, and ends with an empty item.
  text.addEventListener("keydown", (event) => {
    if (!writes || event.key !== "Enter" || event.shiftKey || event.ctrlKey || event.isComposing || text.selectionStart !== text.selectionEnd) return;
    const from = text.value.lastIndexOf("\n", text.selectionStart - 1) + 1;
    const line = text.value.slice(from, text.selectionStart);
    const item = /^(\s*)([-*+]|(\d+)\.) (.*)$/.exec(line);
    if (!item) return;
    event.preventDefault();
    if (!item[4]) { text.setSelectionRange(from, text.selectionStart); return write("\n"); }
    write(`\n${item[1]}${item[3] ? `${Number(item[3]) + 1}.` : item[2]} `);
  });
  form.addEventListener("keydown", (event) => {
    if (writes && (event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "s") {
      event.preventDefault();
      (form.querySelector("[name=hand_in][value=no]") || form.querySelector("[data-save]")).click();
    }
  });

  // ── citations and sources ──

  const cite = (marker) => {
    const before = text.value.slice(0, text.selectionEnd);
    text.setSelectionRange(text.selectionEnd, text.selectionEnd);
    write(`${before && !/\s$/.test(before) ? " " : ""}${marker}`);
  };
  const cites = form.querySelector("[data-cites]");
  const offerCites = () => {
    if (!cites) return;
    cites.replaceChildren(...[...beside().querySelectorAll("[data-cite]")].map((it) => {
      const button = document.createElement("button");
      Object.assign(button, { type: "button", textContent: `[${it.dataset.number}]`, title: it.closest("li").querySelector("a").textContent });
      button.setAttribute("aria-label", `Cite source ${it.dataset.number}`);
      button.dataset.cite = it.dataset.cite;
      return button;
    }));
  };
  form.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    const place = button.closest("[data-start]");
    if (button.dataset.mark) marks[button.dataset.mark]();
    else if (button.dataset.cite) cite(button.dataset.cite);
    else if (button.dataset.select !== undefined && place) select(place.dataset.start, place.dataset.end);
    else if (button.dataset.add !== undefined) {
      event.preventDefault();
      const source = Object.assign(document.createElement("input"), { type: "hidden", name: "source", value: button.value });
      const listed = [...form.querySelectorAll("input[name=source]")];
      if (listed.length) listed.at(-1).after(source); else form.prepend(source);
      changed();
    }
  });
  // The sentence with the caret shows what it rests on.
  let last = "";
  document.addEventListener("selectionchange", () => {
    if (document.activeElement !== text) return;
    const at = [...text.value.slice(0, text.selectionStart)].length;
    const here = [...beside().querySelectorAll("[data-start]")].filter((it) => at >= Number(it.dataset.start) && at <= Number(it.dataset.end));
    const key = here.map((it) => it.dataset.start).join(" ");
    if (key === last) return;
    last = key;
    beside().querySelectorAll(".at").forEach((it) => it.classList.remove("at"));
    here.forEach((it) => it.classList.add("at"));
    const quote = here.find((it) => it.closest(".quotes"));
    const panel = beside();
    if (quote && panel.scrollHeight > panel.clientHeight) panel.scrollTop += quote.getBoundingClientRect().top - panel.getBoundingClientRect().top - panel.clientHeight / 3;
  });

  // ── counting, measuring, keeping ──

  const count = (field) => {
    const told = field.parentElement.querySelector("[data-count]");
    const length = [...field.value.trim()].length;
    told.textContent = length ? `${length} now.` : "";
    told.classList.toggle("over", length > Number(field.dataset.most));
  };
  const kept = form.querySelector("[data-kept]");
  const say = (words, tone) => { if (kept && kept.textContent !== words) { kept.textContent = words; kept.className = `kept ${tone}`; } };
  const number = form.elements.number;
  const frame = document.getElementById("look");
  let dirty = false, keeping = false, stopped = false, leaving = false, measuring = 0, waiting = 0;

  const showAgain = () => {
    if (!frame || !form.dataset.preview) return;
    const box = frame.getBoundingClientRect();
    if (box.bottom < 0 || box.top > innerHeight) { stale = true; return; }
    stale = false;
    const asked = new URLSearchParams({ scheme: form.elements.scheme.value, channel: form.elements.channel ? form.elements.channel.value : "" });
    frame.contentWindow.location.replace(`${form.dataset.preview}?${asked}`);
  };
  let stale = false;
  addEventListener("scroll", () => { if (stale) showAgain(); }, { passive: true });
  form.elements.scheme.addEventListener("change", showAgain);
  if (form.elements.channel) form.elements.channel.addEventListener("change", showAgain);

  const keep = async () => {
    if (!writes || !dirty || keeping || stopped || leaving) return;
    keeping = true;
    dirty = false;
    try {
      const answer = await fetch(form.dataset.copy, { method: "POST", headers: { Accept: "application/json" }, body: new URLSearchParams(new FormData(form)) });
      const told = await answer.json();
      say(told.words || told.detail || "Not kept.", told.tone || "bad");
      if (told.number) number.value = told.number;
      if (!answer.ok) stopped = answer.status === 409;
      else showAgain();
    } catch {
      dirty = true;
      say("Not kept: the desk does not answer. It is tried again; do not close this page.", "bad");
      later(5000);
    } finally {
      keeping = false;
      if (dirty) later(1500);
    }
  };
  const later = (milliseconds) => { clearTimeout(waiting); waiting = setTimeout(keep, milliseconds); };
  const changed = () => {
    if (!writes) return;
    dirty = true;
    if (!stopped) say("Typing …", "busy");
    later(1200);
    clearTimeout(measuring);
    measuring = setTimeout(() => { const look = form.querySelector("[data-look]"); if (look) look.dispatchEvent(new Event("look", { bubbles: true })); }, 700);
  };
  form.addEventListener("input", (event) => {
    if (event.target.dataset.most) count(event.target);
    if (event.target.name === "scheme" || event.target.name === "channel") return;
    changed();
  });
  form.addEventListener("submit", (event) => { if (!event.submitter || !event.submitter.formTarget) leaving = true; });
  addEventListener("beforeunload", (event) => { if (dirty && !leaving) { keep(); event.preventDefault(); } });
  document.addEventListener("visibilitychange", () => { if (document.hidden) keep(); });

  form.querySelectorAll("[data-most]").forEach(count);
  const settled = () => { reveal(); offerCites(); last = ""; };
  new MutationObserver(() => { if (beside() && beside().querySelector("[data-cite][hidden], [data-select][hidden]")) settled(); }).observe(form, { childList: true, subtree: true, attributes: true, attributeFilter: ["hidden"] });
  settled();
})();
