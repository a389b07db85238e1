import { formatClock } from './figures.js';
import type { Summary } from './summary-schema.js';

type Alerts = NonNullable<Summary['alerts']>;

/** `3 raised (1 critical), 1 not cleared; worst: CPU 80 % (> 75 % for 60 s), 2:10 to 3:05` */
export function alertsText({ raised, critical, open, worst }: Alerts): string {
  if (raised === 0 || worst === null) return 'none raised';
  const still = open === 0 ? 'all cleared' : `${open} not cleared`;
  return `${raised} raised (${critical} critical), ${still}; worst: ${worst.words}, ${spanText(worst)}`;
}

/** `2:10 to 3:05`, `from 2:10 on` */
export function spanText({
  raisedAtMs,
  clearedAtMs,
}: Pick<NonNullable<Alerts['worst']>, 'raisedAtMs' | 'clearedAtMs'>): string {
  const from = raisedAtMs < 0 ? 'before the first viewer' : formatClock(raisedAtMs);
  return clearedAtMs === null ? `from ${from} on` : `${from} to ${formatClock(clearedAtMs)}`;
}
