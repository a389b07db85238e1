import { basename } from 'node:path';
import type { RunConfig } from '../config.js';
import { errorCode } from './error-code.js';
import type { Output } from './output.js';
import { TraceFolder } from './trace-folder.js';
import { type RenderedTrace, renderTrace } from './trace-render.js';

/** The traces of a run; undefined where nobody is followed. */
export function openTraces(
  { traceVus }: Pick<RunConfig, 'traceVus'>,
  runPath: string,
  onLines?: (vu: number, lines: readonly string[]) => void,
): TraceFolder | undefined {
  return traceVus.length === 0 ? undefined : new TraceFolder(runPath, basename(runPath), onLines);
}

/** Makes the timelines and says where they are. A disk that fails costs the trace, not the run. */
export async function finishTraces(
  traces: TraceFolder | undefined,
  { traceVus, quiet }: Pick<RunConfig, 'traceVus' | 'quiet'>,
  output: Output,
): Promise<void> {
  if (traces === undefined) return;
  for (const note of await traces.close()) output.line(note);
  const { vus } = traces;
  for (const vu of traceVus) {
    if (!vus.includes(vu)) output.line(`trace of viewer ${vu}: it never came`);
  }
  for (const vu of vus) {
    try {
      const rendered = await renderTrace(traces.path, vu);
      if (!quiet) for (const line of placeLines(rendered)) output.line(line);
    } catch (error) {
      output.line(`trace of viewer ${vu}: no timeline (${errorCode(error)})`);
    }
  }
}

/** Where a trace is, in words. */
export function placeLines({ vu, timeline, lines, chrome, lineCount, unreadable }: RenderedTrace): string[] {
  const bad = unreadable > 0 ? `, ${unreadable} lines could not be read` : '';
  return [
    `viewer ${vu}, ${lineCount} lines${bad}:`,
    `  open in a browser     ${timeline}`,
    `  open in Perfetto      ${chrome}`,
    `  line by line          ${lines}`,
  ];
}
