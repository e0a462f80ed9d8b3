// Locks, and leaving quickly. Without this file every form here works by itself.
"use strict";
(() => {
  // --- leaving: nothing is in sight from the first moment, whatever the line does

  const AWAY = "/cal";

  // The same month as at AWAY, drawn here, so that it is in sight before the line has answered.
  function month({ style, begins }) {
    const now = new Date(), lang = document.documentElement.lang, first = Number(begins);
    const made = (name, ...inside) => {
      const element = document.createElement(name);
      element.append(...inside);
      return element;
    };
    const title = new Intl.DateTimeFormat(lang, { month: "long", year: "numeric" }).format(now);
    const weekday = new Intl.DateTimeFormat(lang, { weekday: "short" });
    const names = [...Array(7).keys()].map((day) => made("th", weekday.format(new Date(2024, 0, 1 + first + day)))); // a Monday
    const days = new Date(now.getFullYear(), now.getMonth() + 1, 0).getDate();
    const before = (new Date(now.getFullYear(), now.getMonth(), 1).getDay() + 13 - first) % 7;
    const cells = [...Array(before).fill(""), ...[...Array(days).keys()].map((day) => day + 1)].map((day) => {
      const cell = made("td", String(day));
      if (day === now.getDate()) cell.setAttribute("aria-current", "date");
      return cell;
    });
    const weeks = [];
    while (cells.length) weeks.push(made("tr", ...cells.splice(0, 7)));
    const link = document.createElement("link");
    Object.assign(link, { rel: "stylesheet", href: style });
    for (const other of document.querySelectorAll("link[rel=stylesheet]")) other.remove();
    document.head.append(link);
    document.title = title;
    document.body.className = "";
    const table = made("table", made("thead", made("tr", ...names)), made("tbody", ...weeks));
    document.body.replaceChildren(made("main", made("h1", title), table));
  }

  async function leave(form) {
    const { action } = form;
    dispatchEvent(new Event("hilo-leave"));
    month(form.dataset);
    for (;;) {
      const left = await fetch(action, { method: "POST", headers: { Accept: "application/json" }, keepalive: true })
        .then((answer) => answer.ok, () => false);
      if (left) break;
      await new Promise((done) => setTimeout(done, 2000));
    }
    location.replace(AWAY);
  }

  document.addEventListener("submit", (event) => {
    if (!event.target.matches(".leave")) return;
    event.preventDefault();
    leave(event.target);
  });
  addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });

  // --- where to turn: out of sight again after a while

  const shown = document.querySelector("main[data-seconds]");
  if (shown) setTimeout(() => location.replace(shown.dataset.back), Number(shown.dataset.seconds) * 1000);

  // --- pictures: chosen here, sent together

  const form = document.querySelector("form[data-count]");
  if (!form) return;
  const count = Number(form.dataset.count), picked = form.elements.picked;
  const told = form.querySelector("[data-picked]"), dots = form.querySelectorAll(".dots i");
  form.addEventListener("submit", (event) => {
    const pick = event.submitter?.value;
    if (event.submitter?.name !== "pick") return;
    event.preventDefault();
    let names = picked.value.split(".").filter(Boolean);
    if (pick === "back") names.pop();
    else if (names.length < count) names.push(pick);
    picked.value = names.join(".");
    told.textContent = told.dataset.picked.replace("{done}", names.length);
    dots.forEach((dot, place) => dot.classList.toggle("on", place < names.length));
    if (names.length === count) form.submit();
  });
})();
