/** Tabs with the keys people expect: arrows, Home and End. */

import { h } from "./element";

export interface Tabs {
  list: HTMLElement;
  panels: HTMLElement[];
  select: (index: number) => void;
}

export function tabs(label: string, entries: readonly { title: string; panel: HTMLElement; onshow?: () => void }[]): Tabs {
  const list = h("div", { role: "tablist", class: "tabs", "aria-label": label });
  const buttons = entries.map(({ title, panel }, index) => {
    const button = h(
      "button",
      { type: "button", role: "tab", id: `tab-${index}`, "aria-controls": `panel-${index}`, onclick: () => select(index) },
      title,
    );
    panel.id = `panel-${index}`;
    panel.setAttribute("role", "tabpanel");
    panel.setAttribute("aria-labelledby", button.id);
    list.append(button);
    return button;
  });
  list.addEventListener("keydown", (event) => {
    const now = buttons.findIndex((button) => button === document.activeElement);
    const last = buttons.length - 1;
    const next = { ArrowRight: now === last ? 0 : now + 1, ArrowLeft: now === 0 ? last : now - 1, Home: 0, End: last }[event.key];
    if (now < 0 || next === undefined) return;
    event.preventDefault();
    select(next);
    buttons[next]?.focus();
  });
  function select(chosen: number): void {
    buttons.forEach((button, index) => {
      button.setAttribute("aria-selected", String(index === chosen));
      button.tabIndex = index === chosen ? 0 : -1;
    });
    entries.forEach(({ panel }, index) => (panel.hidden = index !== chosen));
    entries[chosen]?.onshow?.();
  }
  select(0);
  return { list, panels: entries.map((entry) => entry.panel), select };
}
