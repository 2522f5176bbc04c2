/** The choice of colours in the head of the page. */

import { h } from "./element";
import { setTheme, theme, type Theme } from "./theme";

export function themeChoice(): HTMLElement {
  const select = h(
    "select",
    { "aria-label": "Colours", onchange: () => setTheme(select.value as Theme) },
    h("option", { value: "system" }, "System colours"),
    h("option", { value: "light" }, "Light"),
    h("option", { value: "dark" }, "Dark"),
  );
  select.value = theme();
  return select;
}
