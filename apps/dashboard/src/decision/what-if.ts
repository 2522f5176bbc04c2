/** Sliders that plan again as they move. */

import { debounce, h, uniqueId } from "../dom/element";
import { isNumber } from "../portfolio/decimal";
import type { Draft } from "../portfolio/draft";
import type { Session } from "../session";

const PAUSE_MS = 180;

type Member = "threshold" | "riskAversion" | "turnover" | "costBps";
/** `when`: whether the draft has the parameter; always, without. */
const SLIDERS: readonly {
  member: Member;
  label: string;
  unit: string;
  min: number;
  max: number;
  step: number;
  when?: (draft: Draft) => boolean;
}[] = [
  {
    member: "riskAversion",
    when: (draft) => draft.method !== "drift",
    label: "Risk aversion",
    unit: "",
    min: 0,
    max: 50,
    step: 0.5,
  },
  {
    member: "threshold",
    when: (draft) => draft.method === "drift" && draft.band === "fixed",
    label: "Drift threshold",
    unit: "%",
    min: 0,
    max: 15,
    step: 0.1,
  },
  { member: "turnover", label: "Turnover limit", unit: "%", min: 1, max: 100, step: 1 },
  { member: "costBps", label: "Transaction cost", unit: "bps", min: 0, max: 100, step: 1 },
];

export function whatIfPanel(session: Session, replan: () => void): HTMLElement {
  const later = debounce(PAUSE_MS, replan);
  /** The values before the first slider moved. */
  let base: Pick<Draft, Member> | undefined;
  let moving = false;
  const reset = h(
    "button",
    {
      type: "button",
      disabled: true,
      onclick: () => {
        if (!base) return;
        session.edit(base, { whatIf: true });
        base = undefined;
        replan();
      },
    },
    "Reset",
  );
  const controls = SLIDERS.map((slider) => {
    const id = uniqueId("slider");
    const output = h("output", { for: id });
    const input = h("input", {
      id,
      type: "range",
      min: slider.min,
      max: slider.max,
      step: slider.step,
      oninput: () => {
        base ??= {
          threshold: session.draft.threshold,
          riskAversion: session.draft.riskAversion,
          turnover: session.draft.turnover,
          costBps: session.draft.costBps,
        };
        session.edit({ [slider.member]: input.value }, { keep: !moving, whatIf: true });
        moving = true;
        later();
      },
      onchange: () => (moving = false),
    });
    const show = (): void => {
      const value = session.draft[slider.member];
      if (isNumber(value) && input !== document.activeElement) input.value = value;
      output.textContent = value === "" ? "default" : `${value}${slider.unit === "%" ? "" : " "}${slider.unit}`.trim();
      input.setAttribute("aria-valuetext", `${value} ${slider.unit}`.trim());
      element.hidden = slider.when?.(session.draft) === false;
    };
    const element = h("div", { class: "slider" }, h("label", { for: id }, slider.label), output, input);
    return { show, element };
  });
  const refresh = (event?: { rebuilt: boolean }): void => {
    if (event?.rebuilt) base = undefined;
    reset.disabled = base === undefined;
    for (const control of controls) control.show();
  };
  session.on("draft", refresh);
  refresh();
  return h(
    "section",
    { class: "what-if", "aria-label": "What if" },
    h("h2", {}, "What if"),
    ...controls.map((c) => c.element),
    reset,
  );
}
