/** What stands beside a latency of how well its clocks are known: `±0.4 ms`, `same clock`, `clock unknown`. */
export function uncertaintyWords(uncertaintyMs: number | undefined): string {
  if (uncertaintyMs === undefined) return 'clock unknown';
  if (uncertaintyMs === 0) return 'same clock';
  if (uncertaintyMs < 9.95) return `±${Math.max(0.1, uncertaintyMs).toFixed(1)} ms`;
  return uncertaintyMs < 999.5
    ? `±${Math.round(uncertaintyMs)} ms`
    : `±${(uncertaintyMs / 1000).toFixed(1)} s`;
}
