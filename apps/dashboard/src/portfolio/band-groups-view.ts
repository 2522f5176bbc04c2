/** The editor of bands around the weight of a class or a sleeve. */

import { fill, h, uniqueId } from "../dom/element";
import type { Session } from "../session";
import { newBandGroup, type BandFields, type DraftBandGroup } from "./band-groups";
import type { FaultBoard } from "./faults";
import { numberField } from "./number-field";

const MEMBERSHIPS: readonly (readonly [DraftBandGroup["by"], string])[] = [
  ["asset_class", "Asset class"],
  ["sleeve", "Sleeve"],
];
const BANDS: readonly (readonly [BandFields["band"], string])[] = [
  ["5/25", "5/25"],
  ["hybrid", "Own widths"],
  ["self", "From costs and risk aversion"],
];
const WIDTHS = [
  ["relative", "Share of the target, %"],
  ["floor", "Smallest half-width, %"],
  ["cap", "Largest half-width, %"],
] as const;

export function bandGroupsView(session: Session, faults: FaultBoard): HTMLElement {
  const list = h("div", { class: "group-list" });
  const known = h("datalist", { id: uniqueId("classes") });
  const add = (): void => {
    const { assets, bandGroups } = session.draft;
    session.edit({ bandGroups: [...bandGroups, newBandGroup(assets, bandGroups)] }, { rebuilt: true });
  };
  const element = h(
    "section",
    { class: "groups", "aria-label": "Bands of classes and sleeves" },
    h(
      "header",
      {},
      h("h2", {}, "Bands of classes and sleeves"),
      h("p", { class: "subtitle" }, "Outside its band, a class or sleeve makes its assets trade, under the drift method"),
    ),
    list,
    known,
    h("div", { class: "toolbar" }, h("button", { type: "button", onclick: add }, "Add class or sleeve")),
  );
  const render = (): void => {
    const { assets, bandGroups } = session.draft;
    faults.forget("/groups");
    const names = new Set(assets.flatMap((asset) => [asset.assetClass.trim(), asset.sleeve.trim()]).filter(Boolean));
    fill(known, ...[...names].map((value) => h("option", { value })));
    fill(list, bandGroups.length === 0 && h("p", { class: "empty" }, "No class or sleeve has a band."), ...bandGroups.map(row));
    faults.markAll();
  };
  session.on("draft", ({ rebuilt }) => rebuilt && render());
  render();
  return element;

  function row(group: DraftBandGroup, index: number): HTMLElement {
    const named = group.name || group.of || `group ${index + 1}`;
    const pointer = (member: string): string => `/groups/${index}/${member}`;
    const words = (member: "of" | "name", label: string, place: string): HTMLElement => {
      const control = h("input", {
        type: "text",
        value: group[member],
        autocomplete: "off",
        spellcheck: "false",
        dir: "auto",
        list: member === "of" ? known.id : undefined,
        onchange: () => patch(index, { [member]: control.value }, false),
      });
      return field(control, label, place);
    };
    const choice = <Value extends string>(
      label: string,
      place: string,
      choices: readonly (readonly [Value, string])[],
      chosen: Value,
      take: (value: Value) => void,
    ): HTMLElement => {
      const control = h(
        "select",
        { onchange: () => take(control.value as Value) },
        ...choices.map(([value, text]) => h("option", { value, selected: value === chosen }, text)),
      );
      return field(control, label, place);
    };
    const width = (member: "relative" | "floor" | "cap", label: string): HTMLElement => {
      const take = (text: string): void => patch(index, { [member]: text }, false);
      const { control, choice: asked } = numberField({ value: group[member], class: "number" }, { percent: true, take });
      return field(control, label, pointer(`band/${member}`), asked);
    };
    const field = (
      control: HTMLInputElement | HTMLSelectElement,
      label: string,
      place: string,
      asked?: HTMLElement,
    ): HTMLElement => {
      control.id = uniqueId("band-group");
      const message = faults.register(place, control, `${named}, ${label}`);
      const told = [label, h("span", { class: "visually-hidden" }, ` of ${named}`)];
      return h("div", { class: "field" }, h("label", { for: control.id }, ...told), control, asked, message);
    };
    return h(
      "div",
      { class: "group band-group" },
      choice("Grouped by", `/groups/${index}`, MEMBERSHIPS, group.by, (by) => patch(index, { by }, true)),
      words("of", group.by === "sleeve" ? "Sleeve" : "Class", pointer(group.by)),
      words("name", "Name", pointer("name")),
      choice("Band", pointer("band"), BANDS, group.band, (band) => patch(index, { band }, true)),
      h(
        "button",
        {
          type: "button",
          class: "quiet icon",
          "aria-label": `Remove ${named}`,
          title: "Remove",
          onclick: () => session.edit({ bandGroups: session.draft.bandGroups.filter((_, i) => i !== index) }, { rebuilt: true }),
        },
        "×",
      ),
      ...(group.band === "hybrid" ? WIDTHS.map(([member, label]) => width(member, label)) : []),
    );
  }

  function patch(index: number, change: Partial<DraftBandGroup>, rebuilt: boolean): void {
    const bandGroups = session.draft.bandGroups.map((group, i) => (i === index ? { ...group, ...change } : group));
    session.edit({ bandGroups }, { rebuilt });
  }
}
