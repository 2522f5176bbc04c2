/** Shades of cells, and the colour of what is written in them. */

function channels(colour: string): number[] {
  return (colour.match(/[\d.]+/g) ?? ["0", "0", "0"]).slice(0, 3).map(Number);
}

/** A colour between two, `share` of the way from the first. */
export function mix(from: string, to: string, share: number): string {
  const [a, b] = [channels(from), channels(to)];
  return `rgb(${a.map((x, i) => Math.round(x + ((b[i] ?? 0) - x) * share)).join(",")})`;
}

/** Black or white, whichever stands out from a fill (WCAG relative luminance). */
export function readable(fill: string): string {
  const [r = 0, g = 0, b = 0] = channels(fill).map((c) =>
    c / 255 <= 0.03928 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4,
  );
  return 0.2126 * r + 0.7152 * g + 0.0722 * b > 0.179 ? "#000" : "#fff";
}
