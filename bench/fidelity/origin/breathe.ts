/** Lets others run when the caller has worked for long enough: the streams that play now share the event loop. */
export type Breathe = () => Promise<void>;

const SLICE_MS = 2;

/** A breath after each 2 ms of work. */
export function createBreath(): Breathe {
  let sinceMs = performance.now();
  return async () => {
    if (performance.now() - sinceMs < SLICE_MS) return;
    await new Promise((resolve) => setImmediate(resolve));
    sinceMs = performance.now();
  };
}
