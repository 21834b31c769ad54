// Tells how far somebody reads, without ever holding the page up. Everything works without this file.
(() => {
  "use strict";
  const prose = document.querySelector("[data-reading]");
  if (!prose || !navigator.sendBeacon) return;
  const wish = JSON.parse(document.body.getAttribute("hx-headers:inherited") || "{}");
  const about = { article_id: prose.dataset.reading };
  const wanted = Number(prose.dataset.minutes) * 60 * 0.5;
  let seconds = 0, scroll = 0, told = 0, isRead = false, isViewed = false;

  const send = (events) => fetch("/api/v1/reading/events", {
    method: "POST", keepalive: true, headers: { "Content-Type": "application/json", ...wish }, body: JSON.stringify({ events }),
  }).catch(() => {});
  const event = (deed, more) => ({ id: `${deed}-${crypto.randomUUID ? crypto.randomUUID() : Date.now() + "-" + Math.random().toString(36).slice(2)}`, deed, ...about, ...more });

  const look = () => {
    const box = prose.getBoundingClientRect();
    const seen = box.height ? (innerHeight - box.top) / box.height : 1;
    scroll = Math.max(scroll, Math.min(100, Math.max(0, Math.round(seen * 100))));
  };
  const tell = () => {
    look();
    const events = [];
    const spent = Math.round(seconds) - told;
    if (!isViewed && seconds >= 3) { isViewed = true; events.push(event("view", { seconds: spent, scroll })); told += spent; }
    if (isViewed && !isRead && scroll >= 90 && seconds >= Math.min(wanted, 60)) {
      isRead = true;
      events.push(event("read", { seconds: Math.round(seconds) - told, scroll }));
      told = Math.round(seconds);
    }
    if (events.length) send(events);
  };
  addEventListener("scroll", look, { passive: true });
  setInterval(() => { if (!document.hidden) { seconds += 1; tell(); } }, 1000);
  // whoever leaves has come further than was told
  const leave = () => {
    look();
    const spent = Math.round(seconds) - told;
    if (!isViewed || spent < 1) return;
    told += spent;
    send([event("progress", { seconds: spent, scroll })]);
  };
  addEventListener("pagehide", leave);
  document.addEventListener("visibilitychange", () => { if (document.hidden) leave(); });
})();
