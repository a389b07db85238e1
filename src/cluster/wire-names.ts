/** What things are called on the wire. All parts of a name are letters, digits, `_` and `-`. */

/** Asks every agent who it is. */
export const HELLO_SUBJECT = 'dl.hello';
/** The bucket of all signs of life. */
export const BEATS_BUCKET = 'dl-beats';

/** What one agent is asked. */
export function askSubject(box: string): string {
  return `dl.box.${box}`;
}

/** Of two parts, so that a broker can let an agent put its own kind only. */
export function beatKey(box: string): string {
  return `box.${box}`;
}

export function headKey(run: string): string {
  return `head.${run}`;
}

/** What a run's own messages are called. */
export function runNames(run: string) {
  return {
    orders: `dl-${run}-orders`,
    allOrders: `dl.run.${run}.orders.*`,
    ordersTo: (box: string) => `dl.run.${run}.orders.${box}`,
    data: `dl-${run}-data`,
    allData: `dl.run.${run}.data.*`,
    dataOf: (box: string) => `dl.run.${run}.data.${box}`,
    clock: `dl.run.${run}.clock`,
    rooms: `dl.run.${run}.room.*`,
    roomOf: (box: string) => `dl.run.${run}.room.${box}`,
  };
}
