import { createRedact } from '../redact.js';
import { formatSummary } from '../report/terminal.js';
import type { Conclusion } from './conclude.js';

/** Where a command talks: results on one side, lines about the run on the other. */
export interface Output {
  /** Whole text for stdout, as it is. */
  result(text: string): void;
  /** One line for stderr. */
  line(text: string): void;
}

/** The real one can say, once all is written, whether results were lost on the way to stdout. */
export interface ProcessOutput extends Output {
  /** What became of the results, in words; absent = they are out, or their reader did not want them. */
  lost(): Promise<string | undefined>;
}

/**
 * The real one; both sides are redacted. `secrets` (the stream key) are masked in lines, which may quote what
 * somebody else wrote. Results are made of our own words and hold none: a key that happens to be one of those words
 * must not change a summary. A reader that has gone (`| head`) is no fault of ours: what it does not read is dropped.
 * A disk that is full is one: whoever reads the file later would take half a summary for a whole one.
 */
export function processOutput(
  secrets: readonly string[],
  { stdout, stderr }: Streams = process,
): ProcessOutput {
  const redactLine = createRedact(secrets);
  const redactResult = createRedact([]);
  let failure: string | undefined;
  const failed = (error: NodeJS.ErrnoException): void => {
    if (error.code !== 'EPIPE') failure ??= `cannot write to stdout: ${error.code ?? error.message}`;
  };
  let written: Promise<void> = Promise.resolve();
  return {
    result(text) {
      const whole = redactResult(text.endsWith('\n') ? text : `${text}\n`);
      written = new Promise((resolve) => write(stdout, whole, failed, resolve));
    },
    line: (text) => write(stderr, redactLine(`${oneLine(text)}\n`), () => {}),
    async lost() {
      await written;
      return failure;
    },
  };
}

interface Streams {
  readonly stdout: NodeJS.WritableStream;
  readonly stderr: NodeJS.WritableStream;
}

/** Words of somebody else (a flag, a server) must neither break the last line nor speak to the terminal. */
export function oneLine(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, ' ');
}

function write(
  stream: NodeJS.WritableStream,
  text: string,
  failed: (error: NodeJS.ErrnoException) => void,
  done: () => void = () => {},
): void {
  if (stream.listenerCount('error') === 0) stream.on('error', failed);
  stream.write(text, (error) => {
    if (error) failed(error);
    done();
  });
}

/** The summary on stdout: as JSON and nothing else, or as a text to read. */
export function printConclusion({ summary }: Conclusion, json: boolean, output: Output): void {
  if (json) output.result(JSON.stringify(summary, null, 2));
  else output.result(formatSummary(summary, { color: false }));
}
