import type { Roster } from '../virtual-user/chat.js';

/**
 * One viewer's handle on the chat room's roster. `counts` is shared by all threads of the run: one cell per worker
 * with the number of its viewers in the room, so that the viewers of a worker that died can be taken out.
 */
export function createRoster(counts: Int32Array, worker: number): Roster {
  let inRoom = false;
  return {
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
