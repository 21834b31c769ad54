// Keys, fresh times, the keys dialog. Everything works without this file, only more slowly.
(() => {
  "use strict";
  const typing = (element) => element.closest("input:not([type=checkbox]), textarea, select, [contenteditable]");
  const dialog = document.getElementById("keys");
  const enabled = document.getElementById("keys-on");
  let waiting = "";

  const act = (element) => {
    if (element.dataset.opens) return document.getElementById(element.dataset.opens).showModal();
    if (element.matches("input")) { element.focus(); return element.select(); }
    element.click();
    const field = element.tagName === "SUMMARY" && element.parentElement.open && element.parentElement.querySelector("input:not([type=hidden]), textarea");
    if (field) field.focus();
  };

  const step = (by) => {
    const steps = [...document.querySelectorAll("[data-step]")];
    if (!steps.length) return;
    const now = steps.indexOf(document.activeElement);
    const next = steps[Math.min(steps.length - 1, Math.max(0, now < 0 ? (by > 0 ? 0 : steps.length - 1) : now + by))];
    next.focus({ preventScroll: true });
    next.scrollIntoView({ block: "center", behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth" });
  };

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && typing(event.target)) return event.target.blur();
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || typing(event.target) || dialog.open) return;
    if (!enabled.checked && event.key !== "?") return;
    const pressed = waiting ? `${waiting} ${event.key}` : event.key;
    waiting = "";
    if (event.key === "g" && pressed === "g") { waiting = "g"; setTimeout(() => { waiting = ""; }, 1200); return; }
    if (pressed === "j" || pressed === "k") { event.preventDefault(); return step(pressed === "j" ? 1 : -1); }
    const found = document.querySelector(`[data-key="${CSS.escape(pressed)}"]`);
    if (found) { event.preventDefault(); act(found); }
  });

  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-opens]");
    if (opener) document.getElementById(opener.dataset.opens).showModal();
  });

  enabled.checked = localStorage.getItem("keys") !== "off";
  enabled.addEventListener("change", () => localStorage.setItem("keys", enabled.checked ? "on" : "off"));
  document.querySelectorAll("[data-opens]").forEach((opener) => { opener.hidden = false; });

  document.querySelectorAll("[data-lasts]").forEach((it) => setTimeout(() => it.remove(), it.dataset.lasts * 1000));

  // In a row of links that is wider than the screen, the one where you are is in sight.
  document.querySelectorAll(".tabs [aria-current], .sections [aria-current]").forEach((it) => {
    const row = it.closest(".tabs, .sections");
    row.scrollLeft += Math.max(0, it.getBoundingClientRect().right - row.getBoundingClientRect().right + 16);
  });

  const ago = (seconds) => {
    const size = Math.abs(seconds);
    if (size < 5) return "just now";
    const [below, unit] = size < 60 ? [1, "s"] : size < 3600 ? [60, "min"] : size < 86400 ? [3600, "h"] : [86400, "d"];
    const text = `${Math.floor(size / below)} ${unit}`;
    return seconds > 0 ? `${text} ago` : `in ${text}`;
  };
  setInterval(() => {
    if (document.hidden) return;
    document.querySelectorAll("time[data-ago]").forEach((time) => {
      const seconds = (Date.now() - Date.parse(time.dateTime)) / 1000;
      const due = time.dataset.ago === "coming" && seconds > -5;
      if (Math.abs(seconds) < 14 * 86400) time.textContent = due ? "due" : ago(seconds);
    });
  }, 10000);

  // Times are told on the newsroom's clocks; whoever is elsewhere sees their own beside it.
  document.addEventListener("pointerover", (event) => {
    const time = event.target.closest?.("time[title]");
    if (!time || time.dataset.here) return;
    time.dataset.here = "told";
    const here = new Date(time.dateTime).toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
    if (!time.title.includes(here)) time.title += ` (${here} where you are)`;
  });
})();
