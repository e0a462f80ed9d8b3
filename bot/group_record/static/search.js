// Finds words on the record's pages without a server: `entries` holds where each stands, its title and its words.
(() => {
  "use strict";
  const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
  const entries = window.entries.map(([place, title, words]) => [place, title, plain(`${title} ${words}`)]);
  const form = document.querySelector("form"), field = document.getElementById("words");
  const all = document.getElementById("all"), found = document.getElementById("found");
  const listed = [...all.children];
  form.hidden = false;
  document.querySelector(".without").hidden = true;
  form.addEventListener("submit", (event) => event.preventDefault());
  field.addEventListener("input", () => {
    const wanted = plain(field.value).split(/\s+/).filter(Boolean);
    if (!wanted.length) {
      found.textContent = "";
      all.replaceChildren(...listed);
      return;
    }
    const hits = entries.filter(([, , words]) => wanted.every((word) => words.includes(word)));
    found.textContent = hits.length ? "" : found.dataset.none;
    all.replaceChildren(...hits.map(([place, title]) => {
      const line = document.createElement("li"), link = document.createElement("a");
      link.href = place;
      link.textContent = title;
      line.append(link);
      return line;
    }));
  });
})();
