// Locks, and leaving quickly. Without this file every form here works by itself.
"use strict";
(() => {
  // --- leaving: nothing is in sight from the first moment, whatever the line does

  const AWAY = "/cal";

  async function leave(action) {
    document.title = "…";
    document.body.replaceChildren();
    dispatchEvent(new Event("hilo-leave"));
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
    leave(event.target.action);
  });
  addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });

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
