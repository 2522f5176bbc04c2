/** Limits on the total weight of some assets, for the optimal method; and what an upload brought that has no editor. */

import { dialog } from "../dom/dialog";
import { fill, h, uniqueId } from "../dom/element";
import { count } from "../format";
import type { Session } from "../session";
import type { DraftGroup } from "./draft";
import type { FaultBoard } from "./faults";

export function groupsView(session: Session, faults: FaultBoard): HTMLElement {
  const list = h("div", { class: "group-list" });
  const exposures = h("p", { class: "note" });
  const window = dialog("narrow-dialog");
  const add = h(
    "button",
    {
      type: "button",
      onclick: () =>
        session.edit({ groups: [...session.draft.groups, newGroup(session.draft.groups.length)] }, { rebuilt: true }),
    },
    "Add group",
  );
  const drop = h(
    "button",
    { type: "button", class: "quiet", onclick: () => session.edit({ exposures: [] }, { rebuilt: true }) },
    "Leave them out",
  );
  const kept = h("div", { class: "toolbar" }, exposures, drop);
  const element = h(
    "section",
    { class: "groups", "aria-label": "Groups" },
    h(
      "header",
      {},
      h("h2", {}, "Groups"),
      h("p", { class: "subtitle" }, "Limits of the optimal method on the total weight of several assets"),
    ),
    list,
    h("div", { class: "toolbar" }, add),
    kept,
    window.element,
  );
  const render = (): void => {
    const { method, groups, exposures: limits } = session.draft;
    element.hidden = method === "drift";
    faults.forget("/optimization/groups");
    fill(list, groups.length === 0 && h("p", { class: "empty" }, "No group has a limit."), ...groups.map(row));
    exposures.textContent = `The uploaded file also limits the exposure to ${limits.map((e) => e.name).join(", ")}; sent as it came.`;
    kept.hidden = limits.length === 0;
    faults.markAll();
  };
  session.on("draft", ({ rebuilt }) => rebuilt && render());
  render();
  return element;

  function row(group: DraftGroup, index: number): HTMLElement {
    const field = (member: "name" | "lower" | "upper", label: string): HTMLElement => {
      const id = uniqueId("group");
      const control = h("input", {
        id,
        type: "text",
        value: group[member],
        autocomplete: "off",
        spellcheck: "false",
        class: member === "name" ? undefined : "number",
        inputmode: member === "name" ? undefined : "decimal",
        dir: member === "name" ? "auto" : undefined,
        onchange: () => patch(index, { [member]: control.value }, false),
      });
      return h(
        "div",
        { class: "field" },
        h("label", { for: id }, label),
        control,
        faults.register(`/optimization/groups/${index}/${member}`, control, `Group ${index + 1}, ${label}`),
      );
    };
    const named = group.name || `group ${index + 1}`;
    const members = h(
      "button",
      { type: "button", onclick: () => choose(index) },
      count(group.members.length, "member"),
      "…",
      h("span", { class: "visually-hidden" }, ` of ${named}`),
    );
    return h(
      "div",
      { class: "group" },
      field("name", "Name"),
      field("lower", "Minimum, %"),
      field("upper", "Maximum, %"),
      h(
        "div",
        { class: "field" },
        members,
        faults.register(`/optimization/groups/${index}/members`, members, `Group ${index + 1}, members`),
      ),
      h(
        "button",
        {
          type: "button",
          class: "quiet icon",
          "aria-label": `Remove ${named}`,
          title: "Remove",
          onclick: () => session.edit({ groups: session.draft.groups.filter((_, i) => i !== index) }, { rebuilt: true }),
        },
        "×",
      ),
    );
  }

  function patch(index: number, change: Partial<DraftGroup>, rebuilt: boolean): void {
    session.edit(
      { groups: session.draft.groups.map((group, i) => (i === index ? { ...group, ...change } : group)) },
      { rebuilt },
    );
  }

  function choose(index: number): void {
    const group = session.draft.groups[index];
    if (!group) return;
    const boxes = session.draft.assets.map((asset) => {
      const box = h("input", { type: "checkbox", id: uniqueId("member") });
      box.checked = group.members.includes(asset.key);
      return {
        key: asset.key,
        box,
        element: h("div", { class: "check" }, box, h("label", { for: box.id, dir: "auto" }, asset.asset || "(no name)")),
      };
    });
    const save = (): void => {
      patch(index, { members: boxes.filter(({ box }) => box.checked).map(({ key }) => key) }, true);
      window.close();
    };
    window.open(
      `Members of ${group.name || `group ${index + 1}`}`,
      h("div", { class: "members" }, ...boxes.map((b) => b.element)),
      h("div", { class: "toolbar" }, h("button", { type: "button", class: "primary", onclick: save }, "Save members")),
    );
  }
}

function newGroup(existing: number): DraftGroup {
  return { name: `Group ${existing + 1}`, members: [], lower: "0", upper: "100" };
}
