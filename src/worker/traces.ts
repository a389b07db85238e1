import type { FromWorker, WorkerTask } from '../protocol.js';
import type { Clock } from '../seams.js';
import { ViewerTrace } from '../trace/viewer-trace.js';

/** The traces of a worker's VUs that are followed, each made when its viewer first comes. */
export function createTraces(
  { traced, target }: Pick<WorkerTask, 'traced' | 'target'>,
  clock: Clock,
  post: (message: FromWorker) => void,
): (vu: number) => ViewerTrace | undefined {
  const traces = new Map<number, ViewerTrace>();
  return (vu) => {
    if (!traced.includes(vu)) return undefined;
    const known = traces.get(vu);
    if (known !== undefined) return known;
    const send = (lines: readonly string[]): void => post({ kind: 'trace', vu, lines });
    const trace = new ViewerTrace({ clock, streamKey: target.streamKey, send });
    traces.set(vu, trace);
    return trace;
  };
}
