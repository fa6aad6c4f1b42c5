// What ipywidgets 7 and 8 leave out: names that a screen reader says, arrow keys, number keys.
// Runs as an output of the cell; `element` is that output in JupyterLab, and nothing elsewhere.
(() => {
  const here = typeof element === "undefined" ? null : element[0] || element;
  const root = (here && here.closest && here.closest(".jp-OutputArea")) || document.body;
  if (root.dataset.named) return; // the cell was run before
  root.dataset.named = "yes";
  const all = (where, what) => [...where.querySelectorAll(what)];
  const set = (node, values) => {
    for (const [name, value] of Object.entries(values)) node.setAttribute(name, value);
  };
  const text = (node) => ((node && node.innerText) || "").replace(/[\u00a0\u200b\s]+/g, " ").trim();
  const handle = ".noUi-handle, .ui-slider-handle";
  const chosen = (button) => String(button.classList.contains("mod-active"));

  function name() {
    for (const box of all(root, ".widget-slider, .widget-toggle-buttons, .widget-hbox")) {
      const first = box.firstElementChild;
      const label = text(first && first.matches(".widget-label, .widget-html") ? first : null);
      if (!label) continue;
      if (!box.matches(".widget-slider")) {
        set(box, { role: "group", "aria-label": label });
        continue;
      }
      const number = box.querySelector(".widget-readout");
      for (const one of all(box, handle)) {
        set(one, { role: "slider", "aria-label": label, "aria-valuetext": text(number) });
      }
      if (number) set(number, { role: "textbox", "aria-label": `${label}, as a number` });
    }
    for (const button of all(root, ".widget-toggle-button")) {
      set(button, { "aria-pressed": chosen(button) });
    }
    for (const button of all(root, ".widget-button[title]:not([title=''])")) {
      set(button, { "aria-label": `${text(button)}: ${button.title}` });
    }
    for (const told of all(root, ".course-told")) set(told, { role: "status" });
    all(root, ".course-key").forEach((button, i) => set(button, { "aria-keyshortcuts": i + 1 }));
  }

  const ways = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 };
  // Before JupyterLab, which would move to another cell, or make a heading of this one.
  window.addEventListener("keydown", function pressed(event) {
    if (!root.isConnected) return window.removeEventListener("keydown", pressed, true);
    const { target, key } = event;
    if (event.ctrlKey || event.altKey || event.metaKey || !root.contains(target)) return;
    if (target.isContentEditable || target.matches("input:not([type=checkbox]), textarea")) return;
    const table = target.closest(".course-keys");
    const group = target.closest(".widget-toggle-buttons");
    let button;
    if (ways[key] && (group || table)) {
      const buttons = all(group || table, ".widget-toggle-button");
      const place = buttons.indexOf(target);
      button = group ? buttons[place + ways[key]] : buttons[ways[key] < 0 ? 0 : buttons.length - 1];
      // alone at its end a group begins where the focus is
      button = button || (group ? target : undefined);
    } else if (table && /^[1-9]$/.test(key)) {
      button = all(table, ".course-key")[key - 1];
    } else return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (!button) return;
    // not to a side of a bet: these buttons are made anew with every trial
    if (group || !ways[key]) button.focus();
    button.click();
  }, true);

  // A slider takes the arrow keys by itself, and nobody else shall.
  root.addEventListener("keydown", (event) => {
    if (event.target.matches(handle) && /^(Arrow|Page|Home|End)/.test(event.key)) {
      event.stopPropagation();
    }
  });

  name();
  const seen = { subtree: true, childList: true, characterData: true };
  new MutationObserver(name).observe(root, { ...seen, attributes: true, attributeFilter: ["class"] });
})();
