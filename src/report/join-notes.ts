import type { View } from '../stats/view.js';

const PATHS: Readonly<Record<string, string>> = { root: '/', chat: '/chat', streaming: '/streaming' };

/**
 * Joins that were lost as the platform's own page loses them, in words: a defect of the platform that no load makes
 * and no load mends. Empty when there were none.
 */
export function joinNotes(view: View): string[] {
  const lost = Object.entries(view.byLabel('join_lost_count'));
  if (lost.length === 0) return [];
  const where = lost.map(([label, count]) => `${PATHS[label] ?? label} ${count}`).join(', ');
  const total = lost.reduce((sum, [, count]) => sum + count, 0);
  return [
    `${total} ${total === 1 ? 'join' : 'joins'} lost (${where}): sent as the page sends them, at the connect, before the platform listened; --behaviour strategy waits`,
  ];
}
