/** What a clock is asked for, below the address that it was named with: `GET {url}/clock`. */
export const CLOCK_PATH = '/clock';

const NAME = 'dorami-load';

/** The body of a clock's answer: microseconds since the Unix epoch at the instant of answering. */
export function clockAnswer(epochMs: number): { readonly clock: string; readonly epochUs: number } {
  return { clock: NAME, epochUs: Math.round(epochMs * 1000) };
}

/** The instant in a clock's answer, ms since the Unix epoch; undefined when it is no answer of a clock. */
export function readClockAnswer(body: string): number | undefined {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const { clock, epochUs } = value as { clock?: unknown; epochUs?: unknown };
  if (clock !== NAME || !Number.isSafeInteger(epochUs) || (epochUs as number) <= 0) return undefined;
  return (epochUs as number) / 1000;
}
