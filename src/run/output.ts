import type { Redact } from '../redact.js';
import { formatSummary } from '../report/terminal.js';
import type { Conclusion } from './conclude.js';

/** Where a command talks: results on one side, lines about the run on the other. Both are redacted. */
export interface Output {
  /** Whole text for stdout, as it is. */
  result(text: string): void;
  /** One line for stderr. */
  line(text: string): void;
}

/** The real one. A reader that has gone (`| head`) is no fault of ours: what it does not read is dropped. */
export function processOutput(redact: Redact): Output {
  return {
    result: (text) => write(process.stdout, text.endsWith('\n') ? text : `${text}\n`, redact),
    line: (text) => write(process.stderr, `${text}\n`, redact),
  };
}

function write(stream: NodeJS.WriteStream, text: string, redact: Redact): void {
  if (stream.listenerCount('error') === 0) stream.on('error', () => {});
  stream.write(redact(text));
}

/** The summary on stdout: as JSON and nothing else, or as a text to read. */
export function printConclusion({ summary }: Conclusion, json: boolean, output: Output): void {
  if (json) output.result(JSON.stringify(summary, null, 2));
  else output.result(formatSummary(summary, { color: false }));
}
