import type { AlertEntry } from '../dashboard/state.js';

const MAX_CHARS = 500;

/** One line of `alerts.ndjson` as a dashboard shows it; undefined when it is none. */
export function alertOfLine(text: string): AlertEntry | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const { kind, id, name, words, atMs, heldMs = 0 } = value as Record<string, unknown>;
  if (kind !== 'raised' && kind !== 'cleared') return undefined;
  if (typeof id !== 'string' || typeof words !== 'string') return undefined;
  if (typeof atMs !== 'number' || typeof heldMs !== 'number') return undefined;
  return {
    id: typeof name === 'string' && name !== '' ? `${id} ${name}` : id,
    words: words.slice(0, MAX_CHARS),
    raisedAtMs: kind === 'cleared' ? atMs - heldMs : atMs,
    ...(kind === 'cleared' ? { clearedAtMs: atMs } : {}),
  };
}
