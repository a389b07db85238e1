import { basename, join } from 'node:path';
import { ConfigError } from '../errors.js';
import { EXIT } from '../report/exit-codes.js';
import type { Output } from './output.js';
import { placeLines } from './run-traces.js';
import { TRACE_FOLDER } from './trace-folder.js';
import { renderTrace, tracedVus } from './trace-render.js';

/**
 * The command `timeline DIR`: draws the timelines of a run's folder once more from its lines, those of a run that was
 * killed as well.
 * @throws {ConfigError} when there is no trace
 */
export async function timelineCommand(folder: string, output: Output): Promise<{ exitCode: number }> {
  const isTraces = basename(folder.replace(/\/+$/, '')) === TRACE_FOLDER;
  const path = isTraces ? folder : join(folder, TRACE_FOLDER);
  const vus = await tracedVus(path).catch((cause: NodeJS.ErrnoException) => {
    throw noTrace(folder, cause);
  });
  if (vus.length === 0) throw noTrace(folder);
  for (const vu of vus) {
    for (const line of placeLines(await renderTrace(path, vu))) output.line(line);
  }
  return { exitCode: EXIT.pass };
}

function noTrace(folder: string, cause?: NodeJS.ErrnoException): ConfigError {
  const reason = cause === undefined || cause.code === 'ENOENT' ? '' : ` (${cause.code ?? cause.message})`;
  const problem = `no trace in ${folder}${reason}`;
  const wanted = 'the folder of a run with --trace-vu, or of dorami-load trace';
  return new ConfigError([{ path: 'timeline', problem, wanted }], cause ? { cause } : {});
}
