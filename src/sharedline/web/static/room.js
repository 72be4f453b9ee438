/* The room without loading it again: what changed is put in place, what somebody types stays, and
   what could not be sent is kept and sent until the server has said that it has it. */
(() => {
  "use strict";
  const first = document.getElementById("room");
  if (!first) return;
  const base = `/room/${first.dataset.run}`;
  const prefix = `room ${first.dataset.run} ${first.dataset.me} `;
  const title = document.title;
  const quick = 2000, slow = 10000, patience = 3000;
  let version = first.dataset.version;
  let gone = false;

  // --- what this browser keeps; each thing under its own name, so that two tabs do not undo each other
  const memory = new Map();
  const kept = {
    get(name) {
      try { return JSON.parse(localStorage.getItem(prefix + name)); } catch { return memory.get(name) ?? null; }
    },
    put(name, value) {
      memory.set(name, value);
      try { localStorage.setItem(prefix + name, JSON.stringify(value)); } catch { /* memory it is */ }
    },
    drop(name) {
      memory.delete(name);
      try { localStorage.removeItem(prefix + name); } catch { /* memory it was */ }
    },
    names(start) {
      const found = new Set([...memory.keys()].filter((n) => n.startsWith(start)));
      try {
        for (let n = 0; n < localStorage.length; n += 1) {
          const name = localStorage.key(n);
          if (name.startsWith(prefix + start)) found.add(name.slice(prefix.length));
        }
      } catch { /* memory only */ }
      return [...found].sort();
    },
  };

  // --- what is typed and not yet sent
  const own = (field) => field.name && field.type !== "hidden" && field.type !== "submit";
  const ours = (form) => form && form.id && form.dataset.plain === undefined;

  function typed(event) {
    const field = event.target, form = field.form;
    if (field.type === "range") counted(field);
    if (!ours(form) || !own(field)) return;
    const draft = kept.get(`typed ${form.id}`) || {};
    draft[field.name] = field.value;
    kept.put(`typed ${form.id}`, draft);
  }

  function counted(range) {
    const shown = range.parentElement.querySelector("output");
    if (shown) shown.textContent = range.value;
  }

  function restore(form) {
    const draft = ours(form) && kept.get(`typed ${form.id}`);
    if (!draft) return;
    for (const field of form.elements) {
      if (!own(field) || !(field.name in draft)) continue;
      if (field.type === "radio") field.checked = field.value === draft[field.name];
      else field.value = draft[field.name];
      if (field.type === "range") counted(field);
    }
  }

  function forget(form, sent) {
    const draft = kept.get(`typed ${form}`);
    if (!draft) return;
    for (const [name, value] of sent) if (draft[name] === value) delete draft[name];
    if (Object.keys(draft).length) kept.put(`typed ${form}`, draft);
    else kept.drop(`typed ${form}`);
  }

  // --- putting in place what changed
  const source = new Map();
  const told = new Set();
  const leaf = (node) => !node.querySelector("[data-list]");
  const lists = (node) =>
    [...node.querySelectorAll("[data-list]")].filter((l) => {
      const holder = l.parentElement.closest("[data-key]");
      return !holder || holder === node || !node.contains(holder);
    });

  function remember(node) {
    for (const one of [node, ...node.querySelectorAll("[data-key]")]) {
      if (one.dataset.key && leaf(one)) source.set(one.dataset.key, one.outerHTML);
    }
  }

  function placed(node) {
    for (const form of node.matches("form") ? [node] : node.querySelectorAll("form")) restore(form);
    tell(node);
  }

  function tell(node) {
    for (const one of [node, ...node.querySelectorAll("[data-new]")]) {
      const what = one.dataset.new;
      if (!what || told.has(what)) continue;
      told.add(what);
      document.getElementById("said").textContent = what;
      if (document.hidden) document.title = `● ${title}`;
      const mark = one.querySelector(".fresh");
      if (!mark) continue;
      mark.hidden = false;
      one.classList.add("is-new");
      setTimeout(() => { mark.hidden = true; one.classList.remove("is-new"); }, 60000);
    }
  }

  function replace(old, fresh) {
    const key = fresh.dataset.key, text = fresh.outerHTML;
    if (source.get(key) === text) return;
    const open = [...old.querySelectorAll("details")].map((d) => d.open);
    const node = document.importNode(fresh, true);
    old.replaceWith(node);
    source.set(key, text);
    node.querySelectorAll("details").forEach((d, n) => { if (open[n]) d.open = true; });
    placed(node);
  }

  function update(old, fresh) {
    if (leaf(old) || leaf(fresh)) { replace(old, fresh); return; }
    for (const list of lists(fresh)) {
      const here = lists(old).find((l) => l.dataset.list === list.dataset.list);
      if (here) patch(here, list);
    }
  }

  function patch(list, fresh) {
    const olds = new Map([...list.children].map((c) => [c.dataset.key, c]));
    let cursor = list.firstElementChild;
    for (const child of [...fresh.children]) {
      const old = olds.get(child.dataset.key);
      if (!old) {
        const node = document.importNode(child, true);
        list.insertBefore(node, cursor);
        remember(node);
        placed(node);
        continue;
      }
      olds.delete(child.dataset.key);
      if (old === cursor) cursor = cursor.nextElementSibling;
      else list.insertBefore(old, cursor);
      update(old, child);
    }
    for (const left of olds.values()) left.remove();
  }

  function focused() {
    const at = document.activeElement;
    if (!at || !root().contains(at)) return null;
    const form = at.form || at.closest("form");
    const place = { id: at.id, form: form && form.id, number: form ? [...form.elements].indexOf(at) : -1 };
    try { place.from = at.selectionStart; place.to = at.selectionEnd; } catch { /* has none */ }
    return { at, place, top: at.getBoundingClientRect().top };
  }

  function refocus(was) {
    if (!was) return;
    let at = was.at;
    if (!at.isConnected) {
      const form = was.place.form && document.getElementById(was.place.form);
      at = (was.place.id && document.getElementById(was.place.id)) || (form && form.elements[was.place.number]);
      if (!at) return;
      at.focus({ preventScroll: true });
      if (was.place.from != null) {
        try { at.setSelectionRange(was.place.from, was.place.to); } catch { /* has none */ }
      }
    }
    const moved = at.getBoundingClientRect().top - was.top;
    if (Math.abs(moved) > 1) window.scrollBy(0, moved);
  }

  const root = () => document.getElementById("room");

  function show(page) {
    const fresh = page.getElementById("room");
    if (!fresh) return;
    if (fresh.className !== root().className) { location.reload(); return; }
    const was = focused(), now = root();
    const top = (node) => [...node.querySelectorAll("[data-list]")].filter((l) => !l.parentElement.closest("[data-key]"));
    const coming = new Map(top(fresh).map((l) => [l.dataset.list, l]));
    for (const list of top(now)) {
      const next = coming.get(list.dataset.list);
      if (next) patch(list, next);
      else list.replaceChildren();
      coming.delete(list.dataset.list);
    }
    if (coming.size) { location.reload(); return; }
    version = now.dataset.version = fresh.dataset.version;
    started = performance.now();
    refocus(was);
    marked();
  }

  let fetching = false, again = false;
  async function refresh() {
    if (gone) return;
    if (fetching) { again = true; return; }
    fetching = true;
    try {
      do {
        again = false;
        const answer = await ask(`${base}/live`, { headers: { accept: "text/html, application/json" } });
        if (answer.status === 401) { lost(); return; }
        if (!answer.ok) throw new Error(String(answer.status));
        show(new DOMParser().parseFromString(await answer.text(), "text/html"));
        reached();
      } while (again);
    } catch { unreached(); } finally { fetching = false; }
  }

  function ask(address, more) {
    return fetch(address, { cache: "no-store", redirect: "manual", signal: AbortSignal.timeout(10000), ...more });
  }

  // --- word that something changed: a stream, or else asking by turns
  let stream = null, failures = 0, timer = 0, started = performance.now();

  function changed(now) {
    if (now !== version) refresh();
  }

  function listen() {
    silence();
    if (gone || document.hidden) { poll(); return; }
    let opened = false;
    const mine = new EventSource(`${base}/events?after=${encodeURIComponent(version)}`);
    stream = mine;
    const turns = () => { if (stream === mine) { silence(); poll(); } };
    setTimeout(() => { if (!opened) turns(); }, patience);
    mine.onopen = () => { opened = true; failures = 0; reached(); };
    mine.onmessage = (event) => changed(event.data);
    mine.onerror = () => {
      failures += 1;
      if (failures > 1 || mine.readyState === EventSource.CLOSED) turns();
    };
  }

  function silence() {
    if (stream) stream.close();
    stream = null;
    clearTimeout(timer);
  }

  function poll() {
    clearTimeout(timer);
    if (gone) return;
    timer = setTimeout(async () => {
      try {
        const answer = await ask(`${base}/version?after=${encodeURIComponent(version)}`, { headers: { accept: "application/json" } });
        if (answer.status === 401) { lost(); return; }
        if (answer.status !== 200 && answer.status !== 204) throw new Error(String(answer.status));
        reached();
        if (answer.status === 200) changed((await answer.json()).version);
      } catch { unreached(); }
      if (!stream) poll();
    }, document.hidden ? slow : quick);
  }

  // --- what is to be sent
  const waiting = () => kept.names("unsent ").map((name) => [name, kept.get(name)]).filter(([, item]) => item);
  let sending = false, tries = 0, retry = 0, number = 0;

  function submitted(event) {
    const form = event.target, goal = form.getAttribute("action");  // a field may be called "action"
    if (!root().contains(form) || !ours(form)) {
      if (goal.endsWith("/leave")) for (const name of kept.names("")) kept.drop(name);
      return;
    }
    event.preventDefault();
    const pressed = event.submitter;
    const fields = [...new FormData(form)].filter(([name]) => !["csrf", "once"].includes(name));
    if (pressed && pressed.name) fields.push([pressed.name, pressed.value]);
    const where = pressed && pressed.hasAttribute("formaction") ? pressed.formAction : new URL(goal, location.href).href;
    const bytes = crypto.getRandomValues(new Uint8Array(12));
    const key = [...bytes].map((b) => b.toString(16).padStart(2, "0")).join("");
    number += 1;
    const order = `${String(Date.now()).padStart(15, "0")} ${String(number).padStart(5, "0")}`;
    kept.put(`unsent ${order} ${key}`, { key, form: form.id, path: new URL(where).pathname, fields });
    if (form.dataset.fresh !== undefined) { kept.drop(`typed ${form.id}`); form.reset(); }
    marked();
    send();
  }

  async function send() {
    if (sending || gone) return;
    sending = true;
    clearTimeout(retry);
    try {
      for (let next = waiting()[0]; next && !gone; next = waiting()[0]) {
        if (!(await sent(...next))) {
          tries += 1;
          retry = setTimeout(send, Math.min(500 * 2 ** tries, 8000));
          break;
        }
        tries = 0;
      }
    } finally { sending = false; marked(); }
  }

  async function sent(name, item) {
    const csrf = root().querySelector('input[name="csrf"]');
    const body = new URLSearchParams([...item.fields, ["key", item.key], ["csrf", csrf ? csrf.value : ""]]);
    let answer;
    try {
      answer = await ask(item.path, { method: "POST", body, headers: { accept: "application/json" } });
    } catch { unreached(); return false; }
    if (answer.status === 401) { lost(); return false; }
    if (answer.status === 403 && !item.again) {
      kept.put(name, { ...item, again: true });
      await refresh();
      return false;
    }
    if (answer.status === 429 || answer.status >= 500 || answer.type === "opaqueredirect") return false;
    reached();
    kept.drop(name);
    if (answer.ok) {
      forget(item.form, item.fields);
      say(item.form, "Kept.");
      await refresh();
      say(item.form, "Kept.");
    } else {
      let why = "This was not taken.";
      try { const d = await answer.json(); why = `${d.error} ${d.advice || ""}`.trim(); } catch { /* a page */ }
      put_back(item);
      say(item.form, why, true);
    }
    return true;
  }

  function put_back(item) {
    const form = document.getElementById(item.form);
    if (!form || form.dataset.fresh === undefined) return;
    const draft = kept.get(`typed ${item.form}`) || {};
    kept.put(`typed ${item.form}`, { ...Object.fromEntries(item.fields), ...draft });
    restore(form);
  }

  function say(id, what, bad = false) {
    const form = document.getElementById(id);
    const place = form && form.querySelector(".sent");
    if (!place) return;
    place.textContent = what;
    place.classList.toggle("bad", bad);
    if (bad) place.closest("form").classList.add("refused");
    else place.closest("form").classList.remove("refused");
  }

  function marked() {
    const left = waiting();
    for (const [, item] of left) say(item.form, sending && !away ? "Sending…" : "Not yet sent.");
    line(left.length);
  }

  // --- the line that says how things are
  let away = false;
  function reached() {
    if (!away) return;
    away = false;
    line(waiting().length);
    send();
  }
  function unreached() { away = true; marked(); }

  function line(unsent) {
    const here = document.getElementById("line");
    if (gone) return;
    let text = "";
    if (away) text = "Connection lost. This page goes on by itself as soon as the server answers.";
    if (unsent && (away || !sending)) {
      const them = unsent === 1 ? "1 thing is" : `${unsent} things are`;
      text += ` ${them} not yet sent; ${unsent === 1 ? "it is" : "they are"} kept in this browser and sent by itself.`;
    }
    if (here.textContent !== text.trim()) here.textContent = text.trim();
    here.classList.toggle("bad", Boolean(text));
  }

  function lost() {
    gone = true;
    silence();
    const here = document.getElementById("line"), link = document.createElement("a");
    link.href = "/join";
    link.textContent = "Join again";
    here.replaceChildren("Your seat is no longer known to this browser. ", link);
    here.classList.add("bad");
  }

  // --- the clock
  function tick() {
    const clock = document.querySelector("[data-clock]");
    if (!clock || clock.dataset.status !== "running") return;
    const minutes = (performance.now() - started) / 60000 * Number(clock.dataset.speed);
    const seconds = Math.floor((Number(clock.dataset.clock) + minutes) * 60);
    clock.textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  }

  document.addEventListener("input", typed);
  document.addEventListener("submit", submitted);
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) { document.title = title; refresh(); }
    listen();
  });
  window.addEventListener("offline", unreached);
  window.addEventListener("online", () => { refresh(); send(); listen(); });
  window.addEventListener("pagehide", silence);
  window.addEventListener("pageshow", (event) => { if (event.persisted) { refresh(); listen(); } });
  setInterval(tick, 1000);
  remember(first);
  for (const one of first.querySelectorAll("[data-new]")) told.add(one.dataset.new);
  for (const form of first.querySelectorAll("form")) restore(form);
  marked();
  send();
  listen();
})();
