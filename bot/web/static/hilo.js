// The chat page, alive: sends without leaving the page, hears what is new, keeps what did not go out.
// Without this file the page works by plain forms.
"use strict";
(() => {
  const $ = (id) => document.getElementById(id);
  const { place } = document.body.dataset;
  const thread = $("thread"), end = $("end"), status = $("status"), note = $("note");
  const composer = $("composer"), field = $("text");
  const PENDING = "sending", FAILED = "unsent", SENT = "sent";
  let words = JSON.parse(document.body.dataset.words);
  let seen = Number(document.body.dataset.seen); // newest row this page shows
  let source = null, retry = 0, pause = 1000, away = 0, silence = 0;
  let leaving = false;
  let following = null; // a pressed button whose answer is to be seen, and may take the focus
  const outgoing = []; // words not yet kept, oldest first
  let sending = false;

  const nonce = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, "0")).join("");

  // --- what is said -------------------------------------------------------------------------------------------

  async function post(fields) {
    let answer;
    try {
      answer = await fetch(place, {
        method: "POST",
        headers: { Accept: "application/json" },
        body: new URLSearchParams(fields),
        redirect: "error",
        signal: AbortSignal.timeout ? AbortSignal.timeout(20000) : undefined,
      });
    } catch {
      return { kept: false, again: true, note: "" };
    }
    if (answer.ok) return { kept: true };
    if (answer.status === 423) { // the words wait behind the lock
      reload();
      return { kept: true };
    }
    const said = await answer.json().catch(() => ({}));
    return { kept: false, again: answer.status >= 500 || answer.status === 429, note: said.note || "" };
  }

  function tell(sentence) {
    const near = atEnd();
    note.hidden = !sentence;
    note.textContent = sentence || "";
    if (near) toEnd();
  }

  function say(text) {
    const item = { fields: { text, nonce: nonce(), seen: String(seen) }, bubble: waiting(document.createTextNode(text)) };
    outgoing.push(item);
    keep();
    toEnd();
    pump();
  }

  // One after the other, so that what was written first arrives first.
  async function pump() {
    if (sending) return;
    sending = true;
    while (outgoing.length) {
      const item = outgoing[0];
      mark(item.bubble, PENDING);
      const result = await post(item.fields);
      if (result.kept || item.bubble.id) { // it may come back before its answer does
        outgoing.shift();
        mark(item.bubble, SENT);
        // Kept before the page was ended, it stands in the thread already.
        if (item.restored) setTimeout(() => item.bubble.id || item.bubble.remove(), 8000);
        expect();
      } else if (result.again) {
        for (const later of outgoing) mark(later.bubble, FAILED, pump);
        if (result.note) { // asked to slow down: the words stay here, and go out by themselves later
          tell(result.note);
          setTimeout(pump, 30000);
        }
        break;
      } else {
        outgoing.shift();
        giveBack(item, result.note || words.again);
      }
      keep();
    }
    sending = false;
  }

  // A small phone ends a page that is out of sight. What did not go out is kept in this tab alone, and is sent
  // again with the nonce it had, so that it counts once; never in a conversation that is not the one it was for.
  const KEPT = `unsent ${place}`;

  function keep() {
    const unsent = outgoing.map((item) => item.fields), draft = field.value;
    const stands = [...thread.querySelectorAll(".said[id]")].pop()?.id;
    try {
      if (leaving || !(unsent.length || draft)) sessionStorage.removeItem(KEPT);
      else sessionStorage.setItem(KEPT, JSON.stringify({ stands, unsent, draft }));
    } catch { /* a browser that keeps nothing */ }
  }

  function restore() {
    let kept = null;
    try { kept = JSON.parse(sessionStorage.getItem(KEPT)); } catch { /* as above */ }
    if (kept?.stands && $(kept.stands)) {
      for (const fields of kept.unsent) {
        const item = { fields, bubble: waiting(document.createTextNode(fields.text)), restored: true };
        outgoing.push(item);
        mark(item.bubble, FAILED, pump);
      }
      field.value ||= kept.draft;
    }
    keep();
  }

  function waiting(said) {
    const bubble = document.createElement("div");
    bubble.className = "said own";
    bubble.tabIndex = -1;
    const line = document.createElement("div");
    line.className = "words";
    const who = document.createElement("span");
    who.className = "sr";
    who.textContent = words.you_said + " ";
    line.append(who, said);
    bubble.append(line);
    thread.append(bubble);
    return bubble;
  }

  function mark(bubble, state, again) {
    if (bubble.id) return;
    bubble.dataset.state = state;
    bubble.querySelector(".retry")?.remove();
    if (state !== FAILED) return;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "retry";
    button.textContent = words.unsent;
    button.addEventListener("click", () => { field.focus({ preventScroll: true }); again(); });
    bubble.append(button);
    toEnd();
  }

  function giveBack(item, sentence) {
    item.bubble.remove();
    field.value = [item.fields.text, field.value].filter(Boolean).join("\n");
    grow();
    tell(sentence);
    field.focus({ preventScroll: true });
  }

  composer.addEventListener("submit", (event) => {
    event.preventDefault();
    const text = field.value.trim();
    field.focus({ preventScroll: true });
    if (!text) return tell(words.empty);
    tell("");
    field.value = "";
    grow();
    say(text); // kept from here on
  });

  field.addEventListener("keydown", (event) => {
    // On a phone the key writes a new line, as phones do.
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || matchMedia("(pointer: coarse)").matches) return;
    event.preventDefault();
    composer.requestSubmit();
  });

  function grow() {
    if (CSS.supports("field-sizing", "content")) return;
    field.style.height = "auto";
    field.style.height = `${field.scrollHeight}px`;
  }
  field.addEventListener("input", () => { tell(""); grow(); keep(); });

  // --- buttons ------------------------------------------------------------------------------------------------

  document.addEventListener("submit", async (event) => {
    const form = event.target, button = event.submitter;
    if (!button || !form.matches(".keys, .menu")) return;
    event.preventDefault();
    if (form.dataset.busy) return;
    busy(form, button);
    tell("");
    // The same press sent again counts once, so its nonce stays until it is kept.
    button.dataset.nonce ||= nonce();
    const fields = { [button.name]: button.value, nonce: button.dataset.nonce, seen: String(seen) };
    if (form.elements.message) fields.message = form.elements.message.value;
    following = { until: Date.now() + 15000, unseen: true, focus: form.matches(".keys") };
    const result = await post(fields);
    if (result.kept) {
      delete button.dataset.nonce;
      if (form.matches(".keys") && !document.body.dataset.watched) form.dataset.chosen = `✓ ${button.textContent.replace(/^✓ /, "")}`;
      expect();
      setTimeout(() => free(form), 3000);
    } else {
      free(form);
      tell(result.note || words.again);
    }
  });

  function busy(form, pressed) {
    form.dataset.busy = "1";
    for (const button of form.querySelectorAll("button")) button.setAttribute("aria-disabled", "true");
    pressed.classList.add("pressed");
  }

  function free(form) {
    delete form.dataset.busy;
    for (const button of form.querySelectorAll("button")) {
      button.removeAttribute("aria-disabled");
      button.classList.remove("pressed");
    }
  }

  // --- what is new --------------------------------------------------------------------------------------------

  function listen() {
    clearTimeout(retry);
    source?.close();
    source = new EventSource(`${place}/events?after=${seen}&language=${encodeURIComponent(words.language)}`);
    source.onopen = () => { pause = 1000; connected(true); pump(); };
    source.onerror = () => {
      connected(false);
      if (source.readyState !== EventSource.CLOSED) return; // the browser comes back by itself
      retry = setTimeout(listen, pause);
      pause = Math.min(pause * 2, 30000);
    };
    source.addEventListener("bubble", (event) => {
      seen = Math.max(seen, Number(event.lastEventId));
      clearTimeout(silence);
      typing(false);
      show(event.data);
    });
    source.addEventListener("typing", () => typing(true));
    source.addEventListener("gone", (event) => {
      $(`m${event.data}`)?.remove();
      if (thread.querySelector(".said[id]")) return;
      // Everything was erased: a command that was typed has no row to go with, and goes now.
      for (const bubble of thread.querySelectorAll(`.own:not([id])[data-state=${SENT}]`)) bubble.remove();
    });
    // Taken away before they came back from where they are kept: they stand here only as sent.
    source.addEventListener("taken", () => {
      const on = (state) => [...thread.querySelectorAll(`.own:not([id])[data-state=${state}]`)];
      (on(SENT).pop() || on(PENDING)[0])?.remove(); // a command never comes back, and stands before them
    });
    source.addEventListener("lock", reload);
    source.addEventListener("language", (event) => speak(JSON.parse(event.data)));
    source.addEventListener("rest", () => source.close()); // too many pages of this chat: until it is looked at again
  }

  // Something was said, so something should be heard; else the line is dead and nobody told us.
  function expect() {
    clearTimeout(silence);
    silence = setTimeout(listen, 6000);
  }

  // An answer that takes longer than a second is on its way; it is said again while it is, and else goes by itself.
  let typed = 0;
  function typing(yes) {
    clearTimeout(typed);
    if (yes) typed = setTimeout(typing, 6000);
    if (yes && !status.textContent) status.textContent = words.typing;
    else if (!yes && status.textContent === words.typing) status.textContent = "";
  }

  function connected(yes) {
    if (!yes) {
      away ||= setTimeout(() => { status.textContent = words.offline; }, 3000);
      return;
    }
    clearTimeout(away);
    away = 0;
    status.textContent = "";
  }

  addEventListener("online", listen);
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) {
      clearTimeout(retry);
      source?.close();
    } else if (rested()) reload();
    else listen();
  });
  addEventListener("pagehide", () => source?.close());
  addEventListener("pageshow", (event) => { if (event.persisted) listen(); });
  addEventListener("hilo-leave", () => { source?.close(); outgoing.length = 0; leaving = true; keep(); });
  addEventListener("beforeunload", (event) => {
    const unsent = outgoing.length || thread.querySelector(`[data-state=${PENDING}], [data-state=${FAILED}]`);
    if (unsent && !leaving) event.preventDefault();
  });

  function show(html) {
    const holder = document.createElement("template");
    holder.innerHTML = html;
    const fresh = holder.content.firstElementChild;
    const old = $(fresh.id);
    if (old) change(old, fresh);
    else if (!settle(fresh)) add(fresh);
    if ($("skip")) $("skip").href = `#${thread.lastElementChild?.id || "text"}`;
  }

  // A spent keyboard shrinks to what was chosen, and leaves the tab order; as `thread.py` does for a page that opens.
  function spend() {
    let own = false, later = 0, last = true;
    for (const bubble of [...thread.children].reverse()) {
      const keys = bubble.querySelector(".keys"), first = keys?.querySelector(".key")?.textContent || "";
      const chosen = keys?.dataset.chosen || (first.startsWith("✓ ") ? first : "");
      const rows = keys ? [...keys.querySelectorAll(".row:not([data-stays])")] : [];
      const over = rows.length && !last && (own || later >= 3 || chosen);
      if (over) fold(keys, rows, chosen);
      else if (rows.length) later += 1;
      own ||= bubble.matches(".own");
      last = false;
    }
  }

  // What leads to help stays below that line.
  function fold(keys, rows, chosen) {
    keys.classList.add("still");
    let before = keys.querySelector(".before");
    if (!before) {
      before = document.createElement("details");
      before.className = "before";
      before.innerHTML = "<summary tabindex=-1></summary>";
      rows[0].before(before);
      before.append(...rows);
      keys.append(...keys.querySelectorAll(":scope > [data-stays]"));
    }
    before.firstElementChild.textContent = chosen || words.before;
  }

  function add(fresh) {
    const near = atEnd();
    const unsaid = [...thread.children].find((bubble) => bubble.dataset.state === PENDING || bubble.dataset.state === FAILED);
    thread.insertBefore(fresh, unsaid || null);
    fresh.classList.add("new");
    spend();
    if (following && Date.now() > following.until) following = null;
    // What answers a press is brought into sight, wherever on the page it was pressed.
    if (near || following?.unseen) toEnd(fresh);
    if (following) following.unseen = false;
    const here = document.activeElement;
    if (following?.focus && (here === document.body || thread.contains(here))) {
      following = null;
      fresh.focus({ preventScroll: true });
    }
  }

  // Her own words come back from where they are kept: the bubble that waits becomes that one.
  function settle(fresh) {
    if (!fresh.matches(".own")) return false;
    const said = (bubble) => bubble.dataset.media || bubble.querySelector(".words").lastChild.textContent.trim();
    const mine = [...thread.querySelectorAll(".own[data-state]")];
    const match = mine.find((bubble) => !bubble.id && said(bubble) === said(fresh));
    if (!match) return false;
    match.id = fresh.id;
    match.querySelector(".retry")?.remove();
    delete match.dataset.state;
    const left = outgoing.findIndex((item) => item.bubble === match);
    if (left >= 0 && !sending) outgoing.splice(left, 1); // it had been kept, only the answer was lost
    return true;
  }

  function change(old, fresh) {
    const near = atEnd();
    const [before, after] = [old, fresh].map((bubble) => bubble.querySelector(".words"));
    if (before.textContent !== after.textContent) before.replaceWith(after);
    const [keys, newKeys] = [old, fresh].map((bubble) => bubble.querySelector(".keys"));
    if (labels(keys) !== labels(newKeys)) {
      const here = keys?.contains(document.activeElement) ? document.activeElement.value : null;
      const pressed = keys?.querySelector(".pressed"), stood = pressed?.getBoundingClientRect().top;
      keys?.remove();
      if (newKeys) old.append(newKeys);
      spend();
      // A row more or less, and a second tap of an unsteady finger would fall on another choice.
      const still = pressed && [...old.querySelectorAll("button")].find((button) => button.value === pressed.value);
      if (still) scrollBy(0, still.getBoundingClientRect().top - stood);
      if (here !== null) {
        const same = [...old.querySelectorAll("button")].find((button) => button.value === here);
        (same || old).focus({ preventScroll: true });
      }
      if (still) return;
    } else if (keys) {
      // A press always answers, also one that changes nothing.
      if (keys.dataset.busy && before.textContent === after.textContent) {
        status.textContent = words.same;
        setTimeout(() => { if (status.textContent === words.same) status.textContent = ""; }, 4000);
      }
      free(keys);
    }
    if (near) toEnd();
  }

  // In one order, whether what stays stands below what is over or not.
  const labels = (keys) => (keys ? [".row:not([data-stays]) .key", "[data-stays] .key"] : [])
    .flatMap((some) => [...keys.querySelectorAll(some)]).map((b) => (b.value || b.href) + b.textContent).join("\n");

  function speak(other) {
    words = other;
    document.documentElement.lang = other.lang;
    const each = (name, put) => {
      for (const element of document.querySelectorAll(`[data-${name}]`)) put(element, words[element.dataset[name]]);
    };
    each("word", (element, text) => { element.textContent = text; });
    each("label", (element, text) => element.setAttribute("aria-label", text));
    each("title", (element, text) => { element.title = text; });
    each("placeholder", (element, text) => { element.placeholder = text; });
  }

  // --- the lock: asked for after a while without use, with nothing left in sight ------------------------------

  const idle = Number(document.body.dataset.idle || 0) * 1000;
  let touched = Date.now(), told = Date.now();

  const rested = () => idle && Date.now() - touched > idle;

  function awake() {
    if (rested()) return reload(); // the phone slept, and so did the clock
    const now = touched = Date.now();
    if (!idle || now - told < 60000) return;
    told = now;
    fetch(`${place}/here`, { method: "POST", headers: { Accept: "application/json" } })
      .then((answer) => { if (answer.status === 423) reload(); }, () => {});
  }

  // What was being written waits behind the lock.
  function reload() {
    if (leaving) return;
    leaving = true;
    document.body.hidden = true;
    source?.close();
    const text = [...outgoing.map((item) => item.fields.text), field.value].filter(Boolean).join("\n");
    const again = () => location.replace(place);
    if (!idle) return again();
    fetch(`${place}/lock`, { method: "POST", headers: { Accept: "application/json" }, body: new URLSearchParams({ text }) })
      .then((answer) => { if (answer.ok) keep(); }, () => {}).then(again);
  }

  if (idle) {
    for (const sign of ["pointerdown", "keydown", "scroll"]) addEventListener(sign, awake, { passive: true });
    setInterval(() => { if (rested()) reload(); }, 5000);
  }

  // --- by which clock this phone goes: told once where it is another than hers, so that she is asked about it -----

  function tellZone() {
    const hers = document.body.dataset.zone, here = Intl.DateTimeFormat().resolvedOptions().timeZone;
    const clock = (zone) => new Date().toLocaleString("en", { timeZone: zone });
    try {
      if (!hers || !here || clock(hers) === clock(here)) return;
    } catch { return; } // a zone that this browser does not know
    fetch(`${place}/zone`, { method: "POST", headers: { Accept: "application/json" }, body: new URLSearchParams({ zone: here }) }).catch(() => {});
  }

  // --- where the page stands ----------------------------------------------------------------------------------

  const page = document.scrollingElement;
  const atEnd = () => innerHeight + scrollY >= page.scrollHeight - 160;

  // To the end; but a message taller than the page is shown from its beginning.
  function toEnd(bubble) {
    const [top, dock] = [".top", ".dock"].map((name) => document.querySelector(name));
    const covers = (bar) => getComputedStyle(bar).position === "sticky" ? bar.offsetHeight : 0; // on a low page they move along
    const above = covers(top), room = innerHeight - above - covers(dock);
    if (bubble && bubble.offsetHeight > room) scrollTo(0, scrollY + bubble.getBoundingClientRect().top - above - 8);
    else scrollTo(0, page.scrollHeight);
  }

  globalThis.hilo = {
    place, nonce, tell, waiting, mark, expect, toEnd, awake, reload,
    seen: () => String(seen),
    get words() { return words; },
  };

  restore();
  grow();
  toEnd();
  listen();
  tellZone();
})();
