/** The parts of a sum, one after another. */

/** A part of a sum, or the whole. */
export interface Bar {
  name: string;
  value: number;
  /** Where it begins and ends. */
  from: number;
  to: number;
  isWhole?: boolean;
}

/** The parts one after another from zero, and the whole from zero to its value. */
export function barsOf(parts: readonly (readonly [string, number])[], whole: readonly [string, number]): Bar[] {
  let end = 0;
  const bars = parts.map(([name, value]): Bar => {
    const from = end;
    end += value;
    return { name, value, from, to: end };
  });
  return [...bars, { name: whole[0], value: whole[1], from: 0, to: whole[1], isWhole: true }];
}
