/** The returns of one asset as text; prices in their place are a question. */

import type { Dialog } from "../dom/dialog";
import { fill, h } from "../dom/element";
import { count } from "../format";
import type { DraftAsset } from "./draft";
import { readReturns } from "./returns";

export function historyEditor(
  window: Dialog,
  save: (key: number, returns: (number | string)[]) => void,
): { open: (asset: DraftAsset) => void } {
  return { open };

  function open(asset: DraftAsset): void {
    const area = h("textarea", { rows: 14, spellcheck: "false", "aria-label": "Daily returns", value: asset.history.join("\n") });
    const question = h("div", { role: "alert" });
    const keep = (returns: (number | string)[]): void => {
      save(asset.key, returns);
      window.close();
    };
    const read = (): void => {
      const { returns, fromPrices } = readReturns(area.value);
      if (!fromPrices) return keep(returns);
      const button = (label: string, taken: (number | string)[]): HTMLElement =>
        h("button", { type: "button", onclick: () => keep(taken) }, label);
      fill(
        question,
        h("p", {}, "These figures look like prices, not returns."),
        h(
          "div",
          { class: "toolbar" },
          button(`They are prices: take their ${count(fromPrices.length, "return")}`, fromPrices),
          button("They are returns", returns),
        ),
      );
    };
    window.open(
      asset.asset || "Returns",
      h(
        "p",
        {},
        "Simple returns per trading day as fractions (0.01 is 1%), oldest first, one per line. All assets end on the same day.",
      ),
      area,
      question,
      h("div", { class: "toolbar" }, h("button", { type: "button", class: "primary", onclick: read }, "Save returns")),
    );
  }
}
