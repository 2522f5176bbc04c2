/** Light, dark, or as the system says; and the colours of the style sheet for drawings that need them as values. */

export type Theme = "system" | "light" | "dark";

const KEY = "rebalancer-theme";
const listeners = new Set<() => void>();
const systemDark = matchMedia("(prefers-color-scheme: dark)");
const lessMotion = matchMedia("(prefers-reduced-motion: reduce)");

/** The choice of this browser. */
export function theme(): Theme {
  const chosen = document.documentElement.dataset["theme"];
  return chosen === "light" || chosen === "dark" ? chosen : "system";
}

/** Applies and remembers a choice; `system` forgets it. */
export function setTheme(choice: Theme): void {
  if (choice === "system") delete document.documentElement.dataset["theme"];
  else document.documentElement.dataset["theme"] = choice;
  try {
    if (choice === "system") localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, choice);
  } catch {
    // Storage may be switched off: the choice then lasts until the page is left.
  }
  notify();
}

/** Applies the remembered choice. */
export function restoreTheme(): void {
  try {
    const kept = localStorage.getItem(KEY);
    if (kept === "light" || kept === "dark") document.documentElement.dataset["theme"] = kept;
  } catch {
    // As above.
  }
}

/** Calls back when colours or the wish for motion change. */
export function onAppearanceChange(listener: () => void): void {
  listeners.add(listener);
}

export function reducedMotion(): boolean {
  return lessMotion.matches;
}

function notify(): void {
  for (const listener of listeners) listener();
}
systemDark.addEventListener("change", notify);
lessMotion.addEventListener("change", notify);

const NAMES = [
  "text",
  "muted",
  "line",
  "edge",
  "surface",
  "now",
  "target",
  "after",
  "band",
  "accent",
  "negative",
  "positive",
] as const;
export type Palette = Record<(typeof NAMES)[number], string>;

/** The style sheet's colours, resolved for the theme in force. */
export function palette(): Palette {
  const probe = document.createElement("span");
  document.body.append(probe);
  const colours = {} as Palette;
  for (const name of NAMES) {
    probe.style.color = `var(--${name})`;
    colours[name] = getComputedStyle(probe).color;
  }
  probe.remove();
  return colours;
}
