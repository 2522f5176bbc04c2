/** What the plan is for: the main choice, with an amount where the choice has one. */

import type { IntentKind } from "../api/types";
import { h, uniqueId } from "../dom/element";
import type { Session } from "../session";
import { intending } from "./draft";
import type { FaultBoard } from "./faults";
import { numberField } from "./number-field";

const CHOICES: readonly { kind: IntentKind; label: string; what: string; amount?: { label: string; hint: string } }[] = [
  { kind: "rebalance", label: "Rebalance", what: "Back to the targets where something is outside its band." },
  {
    kind: "invest_cash",
    label: "Invest cash",
    what: "Cash buys what is underweight, the largest gap first; nothing is sold.",
    amount: { label: "Amount to invest", hint: "Costs included. Empty: all cash above its target." },
  },
  {
    kind: "raise_cash",
    label: "Raise cash",
    what: "What is overweight is sold first, then everything pro rata; nothing is bought.",
    amount: {
      label: "Cash to raise",
      hint: "What lies in cash beyond the cash target afterwards; what is there already counts.",
    },
  },
  { kind: "buy_only", label: "Buy only", what: "Towards the targets with the cash above its target; nothing is sold." },
  { kind: "sell_only", label: "Sell only", what: "Towards the targets from above; nothing is bought." },
  { kind: "liquidate", label: "Liquidate", what: "Everything that may be sold is sold, whatever the targets." },
];

export function intentView(session: Session, faults: FaultBoard): HTMLElement {
  const name = uniqueId("intent");
  const what = h("p", { class: "note", role: "status" });
  const label = h("span");
  const hint = h("p", { class: "hint" });
  const amount = numberField(
    { id: `${name}-amount`, class: "number", "data-pointer": "/intent/amount" },
    { percent: false, take: (text) => session.edit({ amount: text }) },
  );
  const amountField = h(
    "div",
    { class: "field amount" },
    h("label", { for: `${name}-amount` }, label),
    h("div", { class: "with-unit" }, amount.control, h("span", { class: "unit" })),
    amount.choice,
    faults.register("/intent/amount", amount.control, () => label.textContent || "Amount"),
    hint,
  );
  const unit = amountField.querySelector(".unit") as HTMLElement;
  const radios = CHOICES.map(({ kind, label: words }) => {
    const radio = h("input", {
      type: "radio",
      name,
      id: `${name}-${kind}`,
      value: kind,
      onchange: () => radio.checked && session.edit(intending(session.draft, kind)),
    });
    return { kind, radio, element: h("div", { class: "choice-button" }, radio, h("label", { for: radio.id }, words)) };
  });
  const refresh = (): void => {
    const chosen = CHOICES.find(({ kind }) => kind === session.draft.intent) ?? CHOICES[0];
    for (const { kind, radio } of radios) radio.checked = kind === session.draft.intent;
    what.textContent = chosen?.what ?? "";
    amountField.hidden = !chosen?.amount;
    label.textContent = chosen?.amount?.label ?? "";
    hint.textContent = chosen?.amount?.hint ?? "";
    unit.textContent = session.draft.currency;
    if (amount.control !== document.activeElement) amount.control.value = session.draft.amount;
    amount.refresh();
  };
  session.on("draft", refresh);
  refresh();
  return h(
    "section",
    { class: "intent" },
    h(
      "fieldset",
      {},
      h("legend", {}, "What is this plan for?"),
      h("div", { class: "choice-buttons" }, ...radios.map((r) => r.element)),
    ),
    what,
    amountField,
  );
}
