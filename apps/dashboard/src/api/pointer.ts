/** JSON pointers in words. A pointer counts from 0, words count from one. */

/** The members on the way, e.g. "holdings, entry 1, holding weight" for `/holdings/0/holding_weight`. */
export function pathInWords(pointer: string): string {
  const steps = pointer.split("/").slice(1);
  return steps.map((step) => (/^\d+$/.test(step) ? `entry ${Number(step) + 1}` : step.replaceAll("_", " "))).join(", ");
}

/** A place in a request, its asset by name: "NASDAQ, price" for `/assets/1/price`. */
export function placeInWords(pointer: string, assets: readonly string[]): string {
  const [, index, rest] = /^\/assets\/(\d+)(.*)$/.exec(pointer) ?? [];
  const asset = index === undefined ? undefined : assets[Number(index)];
  if (asset === undefined) return pathInWords(pointer) || "the request";
  return rest ? `${asset}, ${pathInWords(rest)}` : asset;
}
