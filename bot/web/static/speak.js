// The phone's own voice reads a message, where nobody recorded it. Only voices that are on the phone itself: others
// send the words to a company. Never by itself; and where others may hear, it asks first.
"use strict";
(() => {
  const voices = globalThis.speechSynthesis;
  if (!voices || !globalThis.SpeechSynthesisUtterance) return;
  const ASKED_AGAIN = 300000;
  const kept = JSON.parse(document.body.dataset.words || "{}");
  const word = (code) => (globalThis.hilo?.words || kept)[code];
  const watched = document.body.dataset.watched === "1";
  let reading = null, allowed = 0;

  const plain = (tag) => tag.toLowerCase().replace("_", "-");

  function voiceOf(tag) {
    const own = voices.getVoices().filter((each) => each.localService && plain(each.lang).split("-")[0] === tag);
    const near = own.filter((each) => /-(mx|us|419)$/.test(plain(each.lang)));
    return near[0] || own.find((each) => each.default) || own[0];
  }

  const tagOf = (part) => plain(part.closest("[lang]").lang).split("-")[0];

  // What is written and what can be tapped, without what no voice can say.
  function text(part) {
    const copy = part.matches(".said") ? part.querySelector(".words").cloneNode(true) : part.cloneNode(true);
    for (const each of copy.querySelectorAll(".sr, .hear, .hear-ask, audio, progress")) each.remove();
    const labels = [...part.querySelectorAll(".key, .go")].map((each) => each.textContent);
    for (const each of copy.querySelectorAll(".go")) each.remove();
    return [copy.textContent, ...labels].join(". ").replace(/https?:\S+/g, "")
      .replace(/[\p{Extended_Pictographic}\uFE0F]/gu, "").replace(/\s*·\s*/g, ", ").trim();
  }

  function recorded(part) {
    if (part.querySelector("audio") || part.previousElementSibling?.matches(".theirs[data-media=voice]")) return true;
    return [...part.querySelectorAll(".key")].some((each) => each.textContent.startsWith("🔊"));
  }

  function offer(part) {
    const stands = part.querySelector(":scope > .hear");
    const speaks = !recorded(part) && voiceOf(tagOf(part)) && text(part);
    if (!speaks) return stands?.remove();
    if (stands) return;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "hear";
    button.textContent = "🔊";
    name(button, "hear");
    button.addEventListener("click", () => press(part, button));
    const words = part.querySelector(":scope > .words");
    if (words) words.after(button);
    else part.append(button);
  }

  function name(button, code) {
    button.setAttribute("aria-label", word(code));
    button.title = word(code);
  }

  function press(part, button) {
    if (reading === button) return hush();
    if (watched && Date.now() > allowed) return ask(part, button);
    read(part, button);
  }

  function ask(part, button) {
    if (part.querySelector(".hear-ask")) return;
    const box = document.createElement("div");
    box.className = "hear-ask";
    box.setAttribute("role", "group");
    const question = document.createElement("span");
    question.textContent = word("hear_ask");
    box.append(question);
    for (const code of ["hear_yes", "hear_no"]) {
      const choice = document.createElement("button");
      choice.type = "button";
      choice.className = "quiet";
      choice.textContent = word(code);
      choice.addEventListener("click", () => {
        box.remove();
        button.focus({ preventScroll: true });
        if (code === "hear_no") return;
        allowed = Date.now() + ASKED_AGAIN;
        read(part, button);
      });
      box.append(choice);
    }
    button.after(box);
    box.querySelector("button").focus({ preventScroll: true });
  }

  function read(part, button) {
    hush();
    const voice = voiceOf(tagOf(part));
    if (!voice) return;
    const said = new SpeechSynthesisUtterance(text(part));
    said.voice = voice;
    said.lang = voice.lang;
    said.onend = said.onerror = () => { if (reading === button) hush(); };
    reading = button;
    button.setAttribute("aria-pressed", "true");
    name(button, "hear_stop");
    voices.speak(said);
  }

  function hush() {
    voices.cancel();
    if (!reading) return;
    reading.removeAttribute("aria-pressed");
    name(reading, "hear");
    reading = null;
  }

  const all = () => document.querySelectorAll(".said.theirs, [data-say]").forEach(offer);
  for (const sign of ["hilo-leave", "pagehide"]) addEventListener(sign, hush);
  document.addEventListener("visibilitychange", () => { if (document.hidden) hush(); });
  voices.addEventListener?.("voiceschanged", all);
  const thread = document.getElementById("thread");
  if (thread) new MutationObserver(all).observe(thread, { childList: true });
  all();
})();
