// What the pages cannot do without a script: keys, sums while typing, charts, new arrivals.
// Everything else works without it; nothing here is needed to read or to send a form.
(() => {
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const one = (selector, root = document) => root.querySelector(selector);
  const KEYS_OFF = "siku.keys.off";

  // Frame: the menu on a phone, printing, the query line unfolded where there is room.
  const menu = one("[data-menu]");
  if (menu) {
    const set = (open) => {
      menu.setAttribute("aria-expanded", open);
      document.body.classList.toggle("menu-open", open);
    };
    menu.addEventListener("click", () => set(menu.getAttribute("aria-expanded") !== "true"));
    document.addEventListener("keydown", (event) => event.key === "Escape" && set(false));
  }
  all("[data-print]").forEach((button) => button.addEventListener("click", () => print()));
  const wide = matchMedia("(min-width: 641px)");
  const unfold = () => all("[data-open-wide]").forEach((box) => { box.open = wide.matches; });
  unfold();
  wide.addEventListener("change", unfold);

  // A form is sent once; after a while, or on coming back to the page, it is ready again.
  all("form[data-once]").forEach((form) => {
    form.addEventListener("submit", (event) => {
      if (form.dataset.sent) event.preventDefault();
      else {
        form.dataset.sent = "yes";
        setTimeout(() => delete form.dataset.sent, 10000);
      }
    });
  });
  addEventListener("pageshow", () => all("form[data-once]").forEach((form) => delete form.dataset.sent));

  // The first wrong field, or the message where there is none, gets the focus.
  const wrong = one("[aria-invalid=true]") || one("main [role=alert]");
  if (wrong) wrong.focus();

  // Form: the running sum of the sources of money, in hundredths so that nothing is rounded.
  const total = one("[data-total]");
  const parts = all("[data-part]");
  const hundredths = (text) => {
    const plain = text.normalize("NFKC").replace(/[,\s]/g, "");
    return /^\d+(\.\d{0,2})?$/.test(plain) ? Math.round(Number(plain) * 100) : plain === "" ? 0 : NaN;
  };
  const shown = (number) => (number / 100).toLocaleString("zh-CN", { maximumFractionDigits: 2 });
  const addUp = () => {
    const sum = parts.reduce((before, part) => before + hundredths(part.value), 0);
    const whole = hundredths(total.value);
    const gap = one("[data-gap]");
    one("[data-sum]").textContent = Number.isNaN(sum) ? "有一栏不是数" : shown(sum);
    gap.classList.toggle("okc", sum === whole && whole > 0);
    gap.classList.toggle("near", sum !== whole);
    gap.textContent = Number.isNaN(sum) || Number.isNaN(whole) || (!sum && !whole) ? ""
      : sum === whole ? "与总投资一致" : `与总投资差 ${shown(Math.abs(whole - sum))}`;
  };
  if (total) {
    [total, ...parts].forEach((field) => field.addEventListener("input", addUp));
    addUp();
  }

  // Import: how much of the file has been sent; a refusal is put where the field is.
  const upload = (form) => form.addEventListener("submit", (event) => {
    const file = one("input[type=file]", form);
    if (!file.files.length) return;
    event.preventDefault();
    if (form.dataset.sent) return;
    form.dataset.sent = "yes";
    const box = one("[data-sending]", form);
    const bar = one("progress", box);
    const said = one("[data-sent]", box);
    const size = (bytes) => `${(bytes / 1048576).toFixed(1)} MB`;
    const failed = (text) => { said.textContent = text; bar.hidden = true; delete form.dataset.sent; };
    const request = new XMLHttpRequest();
    box.hidden = bar.hidden = false;
    bar.value = 0;
    said.textContent = "正在上传";
    request.upload.addEventListener("progress", ({ loaded, total: whole }) => {
      bar.value = (100 * loaded) / whole;
      if (whole > 1048576) said.textContent = `正在上传，${size(loaded)} / ${size(whole)}`;
    });
    request.upload.addEventListener("load", () => {
      bar.removeAttribute("value");
      said.textContent = "已收到文件，正在逐行核对，行多时要几秒钟";
    });
    request.addEventListener("error", () => failed("没有传成：网络中断。文件还在，请再点一次。"));
    request.addEventListener("load", () => {
      const next = request.getResponseHeader("HX-Redirect");
      if (next) return location.assign(next);
      const page = new DOMParser().parseFromString(request.responseText, "text/html");
      const fresh = one("#upload .err", page);
      failed("");
      box.hidden = true;
      const field = one(".field", form);
      all(".err", field).forEach((old) => old.remove());
      field.classList.add("bad");
      file.setAttribute("aria-invalid", "true");
      file.setAttribute("aria-describedby", "file-said file-hint");
      const told = fresh ? document.importNode(fresh, true) : Object.assign(document.createElement("div"), {
        className: "err", id: "file-said", tabIndex: -1, textContent: "没有传成，请再点一次。",
      });
      told.setAttribute("role", "alert");
      one(".hint", field).before(told);
      told.focus();
    });
    request.open("POST", form.action);
    request.setRequestHeader("HX-Request", "true");
    request.send(new FormData(form));
  });
  all("form[data-upload]").forEach(upload);

  // Desk: phrases and what belongs to one verdict only.
  const verdicts = all("input[name=verdict]");
  const opinion = one("#opinion");
  const verdict = () => (verdicts.find((radio) => radio.checked) || {}).value;
  const suit = () => {
    all("[data-only]").forEach((box) => { box.hidden = box.dataset.only !== verdict(); });
    all("[data-phrase] option[data-verdict]").forEach((option) => {
      option.hidden = option.disabled = option.dataset.verdict !== verdict();
    });
  };
  if (verdicts.length) {
    verdicts.forEach((radio) => radio.addEventListener("change", suit));
    suit();
    one("[data-phrases]").hidden = false;
    one("[data-phrase]").addEventListener("change", (event) => {
      if (event.target.value) opinion.value += (opinion.value ? "\n" : "") + event.target.value;
      event.target.value = "";
      opinion.focus();
    });
  }

  // Desk: what is ticked is counted, and stays ticked from one dossier to the next.
  const bulk = one("[data-bulk]");
  if (bulk) {
    const store = `siku.chosen.${bulk.dataset.bulk}`;
    const every = one("[data-every]", bulk);
    const boxes = all(".pick input", bulk);
    const kept = new Set(JSON.parse(sessionStorage.getItem(store) || "[]"));
    const yi = (yuan) => (yuan / 1e8).toLocaleString("zh-CN", { minimumFractionDigits: 2, maximumFractionDigits: 2 });
    const count = () => {
      const ticked = boxes.filter((box) => box.checked);
      const number = every.checked ? Number(bulk.dataset.count) : ticked.length;
      const money = every.checked ? Number(bulk.dataset.sum)
        : ticked.reduce((sum, box) => sum + Number(box.dataset.money), 0);
      one("[data-chosen]", bulk).textContent = number ? `已选 ${number} 件，${yi(money)} 亿元` : "";
      sessionStorage.setItem(store, JSON.stringify(ticked.map((box) => box.value)));
    };
    boxes.forEach((box) => {
      box.checked = kept.has(box.value);
      box.addEventListener("change", () => { if (!box.checked) every.checked = false; count(); });
    });
    every.addEventListener("change", () => {
      boxes.forEach((box) => { box.checked = every.checked; });
      count();
    });
    bulk.addEventListener("submit", () => sessionStorage.removeItem(store));
    count();
  }

  // Keys. Silent inside fields, while an input method composes, and when switched off.
  const off = one("[data-keys-off]");
  if (off) {
    off.checked = localStorage.getItem(KEYS_OFF) === "yes";
    off.addEventListener("change", () => localStorage.setItem(KEYS_OFF, off.checked ? "yes" : "no"));
  }
  const go = (address) => { if (address) location.assign(address); };
  const click = (selector) => { const link = one(selector); if (link) link.click(); };
  let leading = "";
  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.altKey || event.metaKey) return;
    if (event.ctrlKey) {
      if (event.key === "Enter" && one("form.dossier .btn-main")) one("form.dossier").requestSubmit();
      return;
    }
    if (event.target.closest("input:not([type=radio]):not([type=checkbox]), textarea, select")) return;
    if (localStorage.getItem(KEYS_OFF) === "yes") return;
    const desk = one(".desk");
    const after = leading;
    leading = "";
    if (after === "g") {
      click({ w: '.side a[href="/work"]', b: '.side a[href="/board"]', p: '.side a[href="/projects"]', i: '.side a[href="/import"]', m: '.side a[href="/months"]', r: '.side a[href="/desk"]' }[event.key] || "#none");
    } else if (event.key === "g") leading = "g";
    else if (event.key === "/") { event.preventDefault(); const find = one("#find"); if (find) find.focus(); }
    else if (event.key === "?") go("/help");
    else if (event.key === "p") print();
    else if (!desk) return;
    else if (event.key === "j" && desk.dataset.after) go(desk.dataset.after);
    else if (event.key === "k" && desk.dataset.before) go(desk.dataset.before);
    else if (event.key === "x") click(".q li:has([aria-current]) .pick input");
    else if (event.key === "d") { const same = one("[data-same]"); if (same) same.open = !same.open; }
    else if ("123".includes(event.key)) click(`input[name=verdict][data-key="${event.key}"]`);
  });

  // Board: the heads act as tabs on a phone.
  document.addEventListener("click", (event) => {
    const head = event.target.closest("[data-pool]");
    if (!head || wide.matches || event.target.closest("a")) return;
    tab(head.dataset.pool);
  });
  const tab = (pool) => {
    all("[data-pool]").forEach((head) => head.classList.toggle("is-on", head.dataset.pool === pool));
    all("[data-column]").forEach((column) => column.classList.toggle("is-on", column.dataset.column === pool));
    chosen = pool;
  };
  let chosen = "";

  // Board: the chart, its numbers beside it.
  let chart = null;
  const draw = () => {
    const box = one("[data-chart]");
    if (!box || !window.echarts) return;
    const canvas = one(".canvas", box);
    canvas.style.height = `${64 + 26 * Number(box.dataset.lines)}px`;
    if (!chart || chart.getDom() !== canvas) {
      if (chart) chart.dispose();
      chart = echarts.init(canvas, null, { renderer: "svg" });
    }
    chart.resize();
    chart.setOption(JSON.parse(box.dataset.chart), true);
  };
  draw();
  addEventListener("resize", () => chart && chart.resize());
  // On paper its column is as wide as A4 leaves it, whatever the screen is.
  addEventListener("beforeprint", () => {
    if (!chart) return;
    chart.resize({ width: 350 });
    chart.getZr().flush();
  });
  addEventListener("afterprint", () => chart && chart.resize({ width: "auto" }));

  // Board: what arrived while the page was open slides in, and is said once.
  let known = new Set(all(".card-p").map((card) => card.id));
  const arrivals = () => {
    const cards = all(".card-p");
    const fresh = cards.filter((card) => !known.has(card.id));
    fresh.forEach((card) => card.classList.add("arrived"));
    const said = one("[data-arrivals]");
    if (said && fresh.length) {
      said.textContent = `新入库：${fresh.map((card) => one(".t", card).textContent).join("、")}`;
    }
    known = new Set([...known, ...cards.map((card) => card.id)]);
    if (chosen) tab(chosen);
    draw();
  };
  document.addEventListener("htmx:after:swap", arrivals);
  // A plan of approvals: what may be done follows what is shown, unless a form is being filled in.
  document.addEventListener("htmx:after:swap", () => {
    const live = one("#live[data-version]");
    const acting = one("#acting[data-version]");
    if (!live || !acting || live.dataset.version === acting.dataset.version) return;
    if (one("details[open]", acting) || acting.contains(document.activeElement)) return;
    fetch(location.href, { headers: { "HX-Request": "true" } })
      .then((answer) => (answer.ok ? answer.text() : ""))
      .then((text) => {
        const fresh = new DOMParser().parseFromString(text, "text/html").getElementById("acting");
        if (fresh) acting.replaceWith(document.importNode(fresh, true));
      })
      .catch(() => {});
  });
  const offline = (is) => all("[data-offline]").forEach((box) => { box.hidden = !is; });
  document.addEventListener("htmx:after:request", (event) => {
    const answer = event.detail.ctx.response;
    offline(answer.status >= 500);
    if (answer.status >= 400) return;
    [["Siku-Clock", "[data-clock]"], ["Siku-As-Of", "[data-as-of]"]].forEach(([header, places]) => {
      const time = answer.headers.get(header);
      if (time) all(places).forEach((place) => { place.textContent = time; });
    });
    const late = answer.headers.get("Siku-As-Of-Late");
    if (late) all("[data-as-of-late]").forEach((place) => { place.hidden = late !== "true"; });
  });
  document.addEventListener("htmx:error", () => offline(true));
})();
