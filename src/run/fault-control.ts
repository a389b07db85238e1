import type { Http, HttpMethod } from '../seams.js';

/** Asks the control API of a stage or a publisher. */
export interface ControlClient {
  /**
   * The answer's JSON.
   * @throws Error in words, without an address, when it was refused or not answered
   */
  ask(method: HttpMethod, path: string, body?: unknown): Promise<unknown>;
  urlOf(path: string): string;
}

const PATIENCE_MS = 5000;
const MAX_ANSWER_BYTES = 1_000_000;

export function createControlClient(http: Http, baseUrl: string, whose: string): ControlClient {
  return {
    urlOf: (path) => `${baseUrl}${path}`,
    async ask(method, path, body) {
      const answer = await http.text(
        {
          method,
          url: `${baseUrl}${path}`,
          headers: { accept: 'application/json', 'content-type': 'application/json' },
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        },
        { maxBytes: MAX_ANSWER_BYTES, totalTimeoutMs: PATIENCE_MS },
      );
      if (answer.kind === 'failure') throw new Error(`${whose} cannot be reached (${answer.end.kind})`);
      const said = parsed(answer.body);
      if (answer.status >= 200 && answer.status < 300) return said;
      const message = (said as { message?: unknown } | undefined)?.message;
      const why = typeof message === 'string' ? `: ${message.slice(0, 200)}` : '';
      throw new Error(`${whose} refused: HTTP ${answer.status}${why}`);
    },
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
