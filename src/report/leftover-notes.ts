import type { View } from '../stats/view.js';

/**
 * What a run has left on a platform of somebody else, in words: orders to be cancelled by hand, carts that could not
 * be emptied. Empty when nothing is left.
 *
 * @param orders created, as far as is known
 */
export function leftoverNotes(view: View, orders: number): string[] {
  const notes: string[] = [];
  const inDoubt = view.byLabel('api_failed_call_count').order_create ?? 0;
  if (orders > 0) {
    notes.push(
      `${orders} ${orders === 1 ? 'order stands' : 'orders stand'} on the platform, to be cancelled there: ids in summary.json (orders), all of them in events.ndjson (order_created)`,
    );
  }
  if (inDoubt > 0) {
    notes.push(
      `${inDoubt} more ${inDoubt === 1 ? 'order was' : 'orders were'} asked for and not confirmed: the platform may have made them all the same`,
    );
  }
  const { failed = 0 } = view.byLabel('cart_emptied_count');
  if (failed > 0) {
    notes.push(
      failed === 1
        ? '1 cart could not be emptied when its viewer left'
        : `${failed} carts could not be emptied when their viewers left`,
    );
  }
  return notes;
}
