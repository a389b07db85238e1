import { NOT_COLLECTED } from './charts.js';
import type { AlertEntry, AlertsState } from './state.js';

/** Alerts that are kept for the page; all of them are in the run folder. */
export const MAX_ALERTS = 100;

const isOver = ({ clearedAtMs }: AlertEntry): boolean => clearedAtMs !== undefined;

/** The newest alerts, a bounded number; those that still hold stand before those that are over. */
export class AlertList {
  #entries: AlertEntry[] = [];

  /** Takes an alert that was raised, or one that is over: it ends the one of its id that holds. */
  put(entry: AlertEntry): void {
    const at = this.#entries.findIndex(
      (one) =>
        one.id === entry.id && (one.raisedAtMs === entry.raisedAtMs || (isOver(entry) && !isOver(one))),
    );
    if (at === -1) this.#entries.unshift(entry);
    else this.#entries[at] = entry;
    if (this.#entries.length > MAX_ALERTS) this.#drop();
  }

  state(isCollected: boolean): AlertsState {
    const active = this.#entries.filter(({ clearedAtMs }) => clearedAtMs === undefined).length;
    return {
      list: [...this.#entries].sort((a, b) => Number(isOver(a)) - Number(isOver(b))),
      active,
      ...(isCollected || this.#entries.length > 0
        ? {}
        : { note: `Alerts are raised by what the platform says of itself. ${NOT_COLLECTED}` }),
    };
  }

  /** The oldest that is over goes first: what still holds must be seen. */
  #drop(): void {
    const over = this.#entries.findLastIndex(({ clearedAtMs }) => clearedAtMs !== undefined);
    this.#entries.splice(over === -1 ? this.#entries.length - 1 : over, 1);
  }
}
