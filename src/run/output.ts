import { createRedact, type Redact } from '../redact.js';
import { formatSummary } from '../report/terminal.js';
import type { Conclusion } from './conclude.js';

/** Where a command talks: results on one side, lines about the run on the other. */
export interface Output {
  /** Whole text for stdout, as it is. */
  result(text: string): void;
  /** One line for stderr. */
  line(text: string): void;
}

/**
 * The real one; both sides are redacted. `secrets` (the stream key) are masked in lines, which may quote what
 * somebody else wrote. Results are made of our own words and hold none: a key that happens to be one of those words
 * must not change a summary. A reader that has gone (`| head`) is no fault of ours: what it does not read is dropped.
 */
export function processOutput(secrets: readonly string[]): Output {
  const redactLine = createRedact(secrets);
  const redactResult = createRedact([]);
  return {
    result: (text) => write(process.stdout, text.endsWith('\n') ? text : `${text}\n`, redactResult),
    line: (text) => write(process.stderr, `${oneLine(text)}\n`, redactLine),
  };
}

/** Words of somebody else (a flag, a server) must neither break the last line nor speak to the terminal. */
export function oneLine(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, ' ');
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
