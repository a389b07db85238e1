import { readFarRoom } from '../far-viewers.js';
import type { Roster } from '../virtual-user/chat.js';

/**
 * One viewer's handle on the chat room's roster, which all threads of the box share: one cell per worker with the
 * number of its viewers in the room, so that the viewers of a worker that died can be taken out; behind them, in a run
 * over several boxes, what is known of the others.
 */
export function createRoster(cells: Int32Array, worker: number, workers = cells.length): Roster {
  const counts = cells.subarray(0, workers);
  let inRoom = false;
  return {
    ...(cells.length > workers ? { far: readFarRoom(cells.subarray(workers)) } : {}),
    join() {
      if (inRoom) return;
      inRoom = true;
      Atomics.add(counts, worker, 1);
    },
    leave() {
      if (!inRoom) return;
      inRoom = false;
      Atomics.sub(counts, worker, 1);
    },
    others() {
      let total = 0;
      for (let i = 0; i < counts.length; i++) total += Atomics.load(counts, i);
      return Math.max(0, total - (inRoom ? 1 : 0));
    },
  };
}
