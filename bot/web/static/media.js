// Voice notes and photos: recorded, made small and sent from the page. Without this file a plain form sends them.
"use strict";
(() => {
  const hilo = globalThis.hilo;
  if (!hilo) return;
  const $ = (id) => document.getElementById(id);
  const LARGEST = 20 * 1024 * 1024, EDGE = 1600, LONGEST = 600, BITS = 24000;
  const TYPES = ["audio/webm;codecs=opus", "audio/ogg;codecs=opus", "audio/mp4"];
  const composer = $("composer"), recorder = $("recorder"), running = $("running");
  $("attach").hidden = true;

  // --- photos: small before they travel, and without what they tell of place and time

  const chooser = document.createElement("input");
  chooser.type = "file";
  chooser.accept = "image/*";
  const photo = $("photo");
  photo.hidden = false;
  photo.addEventListener("click", () => chooser.click());
  chooser.addEventListener("change", async () => {
    const file = chooser.files[0];
    chooser.value = "";
    if (file) send("photo", await smaller(file).catch(() => file));
  });

  async function smaller(file) {
    const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
    const scale = Math.min(1, EDGE / Math.max(picture.width, picture.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.max(1, Math.round(picture.width * scale));
    canvas.height = Math.max(1, Math.round(picture.height * scale));
    canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
    picture.close();
    return await new Promise((done) => canvas.toBlob((blob) => done(blob || file), "image/jpeg", 0.8));
  }

  // --- voice

  const voice = $("voice");
  const type = globalThis.MediaRecorder && navigator.mediaDevices ? TYPES.find((each) => MediaRecorder.isTypeSupported(each)) : null;
  let recording = null;
  if (type) {
    voice.hidden = false;
    voice.addEventListener("click", record);
    $("finish").addEventListener("click", () => finish(true));
    $("discard").addEventListener("click", () => finish(false));
    recorder.addEventListener("keydown", (event) => { if (event.key === "Escape") finish(false); });
    addEventListener("hilo-leave", () => finish(false));
    addEventListener("beforeunload", (event) => { if (recording) event.preventDefault(); });
  }

  async function record() {
    if (recording) return;
    hilo.tell("");
    let stream;
    try {
      stream = await navigator.mediaDevices.getUserMedia({ audio: { channelCount: 1, noiseSuppression: true } });
    } catch {
      return hilo.tell(hilo.words.media_no_microphone);
    }
    const machine = new MediaRecorder(stream, { mimeType: type, audioBitsPerSecond: BITS });
    const pieces = [];
    const begun = Date.now();
    const seconds = () => Math.round((Date.now() - begun) / 1000);
    recording = { machine, keep: false, clock: setInterval(() => {
      hilo.awake();
      running.textContent = spell(seconds());
      if (seconds() >= LONGEST) finish(true);
    }, 250) };
    machine.addEventListener("dataavailable", (event) => pieces.push(event.data));
    machine.addEventListener("stop", () => {
      const { keep, clock } = recording;
      clearInterval(clock);
      for (const track of stream.getTracks()) track.stop();
      recording = null;
      show(false);
      if (keep) send("voice", new Blob(pieces, { type: machine.mimeType || type }), Math.max(1, seconds()));
    });
    machine.start(1000);
    running.textContent = spell(0);
    show(true);
    $("finish").focus();
  }

  function finish(keep) {
    if (!recording || recording.machine.state === "inactive") return;
    recording.keep = keep;
    recording.machine.stop();
  }

  function show(yes) {
    const here = recorder.contains(document.activeElement);
    recorder.hidden = !yes;
    composer.hidden = yes;
    if (!yes && here) voice.focus({ preventScroll: true });
  }

  const spell = (seconds) => `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;

  // --- sending, with what it takes shown

  function send(kind, blob, seconds) {
    if (blob.size > LARGEST) return hilo.tell(hilo.words.media_too_large);
    const address = URL.createObjectURL(blob);
    const shown = document.createElement(kind === "voice" ? "audio" : "img");
    shown.className = "media";
    shown.src = address;
    if (kind === "voice") shown.controls = true;
    else shown.alt = hilo.words.media_hidden;
    const bubble = hilo.waiting(shown);
    bubble.dataset.media = kind;
    hilo.toEnd();
    shown.addEventListener("load", () => hilo.toEnd());
    const asked = new URLSearchParams({ kind, nonce: hilo.nonce(), seen: hilo.seen() });
    if (seconds) asked.set("seconds", seconds);
    transfer(`${hilo.place}/media?${asked}`, blob, bubble);
  }

  function transfer(address, blob, bubble) {
    hilo.mark(bubble, "sending");
    const line = document.createElement("progress");
    line.max = 1;
    line.value = 0;
    line.setAttribute("aria-label", hilo.words.media_sending);
    bubble.querySelector(".words").append(line);
    const request = new XMLHttpRequest();
    request.open("POST", address);
    request.setRequestHeader("Accept", "application/json");
    request.timeout = 300000;
    request.upload.addEventListener("progress", (event) => {
      hilo.awake();
      if (event.lengthComputable) line.value = event.loaded / event.total;
    });
    request.addEventListener("loadend", () => {
      line.remove();
      if (request.status === 423) return hilo.reload();
      if (bubble.id) return;
      if (request.status >= 200 && request.status < 300) {
        hilo.mark(bubble, "sent");
        return hilo.expect();
      }
      // The same nonce: sent again it counts once.
      hilo.mark(bubble, "unsent", () => transfer(address, blob, bubble));
      hilo.tell(note(request));
    });
    request.send(blob);
  }

  function note(request) {
    try {
      return JSON.parse(request.responseText).note;
    } catch {
      return request.status === 413 ? hilo.words.media_too_large : "";
    }
  }

  // --- a photo in the thread is fetched when she asks for it

  $("thread").addEventListener("click", (event) => {
    const link = event.target.closest("a.photo");
    if (!link || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    const picture = document.createElement("img");
    picture.className = "media";
    picture.alt = hilo.words.media_hidden;
    picture.tabIndex = -1;
    picture.addEventListener("load", () => {
      link.replaceWith(picture);
      picture.focus({ preventScroll: true });
      picture.scrollIntoView({ block: "nearest" });
    });
    picture.src = link.href;
  });
})();
