import { createRedact } from '../redact.js';
import type { ViewSize } from '../report/live-view.js';
import { type Environment, wantsColor, wantsView } from '../report/style.js';
import { formatSummary } from '../report/terminal.js';
import { printable } from '../report/text-width.js';
import type { Conclusion } from './conclude.js';
import { Screen, type TerminalStream } from './screen.js';

/** Where a command talks: results on one side, lines about the run on the other. */
export interface Output {
  /** Whole text for stdout, as it is. */
  result(text: string): void;
  /** One line for stderr. */
  line(text: string): void;
  /** Whether a result may be coloured. Absent = no. */
  readonly resultColor?: boolean;
  /** How the command was called, as the user can type it again. Absent = `dorami-load`. */
  readonly tool?: string;
  /** A view that is redrawn in place, on stderr; undefined where that is no terminal or a machine reads it. */
  openView?(): ViewPort | undefined;
}

/** Where a view is shown; lines of the command are printed above it meanwhile. */
export interface ViewPort {
  readonly color: boolean;
  /** As the terminal is now. */
  size(): ViewSize;
  draw(lines: readonly string[]): void;
  /** Takes the view away. */
  close(): void;
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
  env: Environment = process.env,
): ProcessOutput {
  const redactLine = createRedact(secrets);
  const redactResult = createRedact([]);
  let failure: string | undefined;
  const failed = (error: NodeJS.ErrnoException): void => {
    if (error.code !== 'EPIPE') failure ??= `cannot write to stdout: ${error.code ?? error.message}`;
  };
  let written: Promise<void> = Promise.resolve();
  let screen: Screen | undefined;
  return {
    result(text) {
      const whole = redactResult(text.endsWith('\n') ? text : `${text}\n`);
      written = new Promise((resolve) => write(stdout, whole, failed, resolve));
    },
    line(text) {
      const line = redactLine(printable(text));
      if (screen) screen.print(line);
      else write(stderr, `${line}\n`, () => {});
    },
    resultColor: wantsColor(stdout.isTTY === true, env),
    tool: toolName(env),
    openView() {
      if (!wantsView(stderr.isTTY === true, env)) return undefined;
      if (stderr.listenerCount('error') === 0) stderr.on('error', () => {});
      screen = new Screen(stderr);
      // Whatever ends the process, its last words are not followed by a view of the past.
      const close = (): void => {
        process.off('exit', close);
        screen?.clear();
        screen = undefined;
      };
      process.on('exit', close);
      return {
        color: wantsColor(true, env),
        size: () => screen?.size ?? new Screen(stderr).size,
        draw: (lines) => screen?.draw(lines.map(redactLine)),
        close,
      };
    },
    async lost() {
      await written;
      return failure;
    },
  };
}

/** `npx` tells those it starts what it was called with; whoever came by it has no other name for the command. */
function toolName({ npm_lifecycle_event: by, npm_lifecycle_script: what = '' }: Environment): string {
  return by === 'npx' && what.includes('dorami-load') ? 'npx dorami-load' : 'dorami-load';
}

type TextStream = NodeJS.WritableStream & TerminalStream & { readonly isTTY?: boolean };

interface Streams {
  readonly stdout: TextStream;
  readonly stderr: TextStream;
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

/** The summary on stdout: as JSON and nothing else, or as a text to read. `folder` is the run's, as it is typed. */
export function printConclusion(
  { summary }: Conclusion,
  json: boolean,
  output: Output,
  folder: string,
): void {
  if (json) {
    output.result(JSON.stringify(summary, null, 2));
    return;
  }
  const place = { folder: folder.replace(/(?<=.)\/+$/, ''), tool: output.tool ?? 'dorami-load' };
  output.result(formatSummary(summary, { color: output.resultColor === true, place }));
}
