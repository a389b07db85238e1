import { formatBytes } from './figures.js';
import type { Summary } from './summary-schema.js';

type Growth = NonNullable<Summary['generator']['memoryGrowth']>;

const HOURS = 6;
const MATTERS_SHARE = 0.25;

/** `+1.2 MB an hour (-0.5 MB to +2.9 MB)`. */
export function memoryGrowthText({ bytesPerHour, lowBytesPerHour, highBytesPerHour }: Growth): string {
  return `${signed(bytesPerHour)} an hour (${signed(lowBytesPerHour)} to ${signed(highBytesPerHour)})`;
}

/**
 * A warning where the generator's own memory surely grew, and by so much that six hours would add a quarter. It is
 * about the generator and decides nothing. Empty otherwise.
 */
export function memoryNotes(growth: Growth | undefined, isOverBoxes = false): string[] {
  if (growth === undefined || growth.lowBytesPerHour <= 0) return [];
  if (growth.bytesPerHour * HOURS <= MATTERS_SHARE * growth.fromBytes) return [];
  return [
    `the ${isOverBoxes ? 'memory of the largest load box' : "generator's own memory"} grew: ${memoryGrowthText(growth)} from ${formatBytes(growth.fromBytes)} on, warm-up left out; ${HOURS} hours of it would add ${Math.round((100 * HOURS * growth.bytesPerHour) / growth.fromBytes)} %`,
  ];
}

function signed(bytes: number): string {
  return `${bytes < 0 ? '-' : '+'}${formatBytes(Math.abs(bytes))}`;
}
