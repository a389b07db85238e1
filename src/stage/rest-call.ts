/** One REST call as the routes see it, and what they answer. */
import type { StageUser } from './accounts.js';

export interface RestCall {
  readonly method: string;
  /** Path without the `/api` prefix. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** Values of the `:name` parts of the route. */
  readonly params: Readonly<Record<string, string>>;
  /** The decoded JSON body, or undefined. */
  readonly body: unknown;
  readonly user: StageUser | undefined;
  readonly cookies: ReadonlyMap<string, string>;
}

export interface RestAnswer {
  readonly status: number;
  /** Goes into the envelope; undefined for 204. */
  readonly data?: unknown;
  /** Without the envelope. */
  readonly raw?: unknown;
  readonly setCookies?: readonly string[];
}

/** An error answer in the platform's envelope. */
export class RestError extends Error {
  readonly status: number;
  readonly errorCode: string | undefined;
  constructor(status: number, message: string, errorCode?: string) {
    super(message);
    this.status = status;
    this.errorCode = errorCode;
  }
}

export interface RestRoute {
  readonly method: string;
  /** `/cart/:id` */
  readonly pattern: string;
  readonly access: 'public' | 'user';
  /** A user without a completed profile may come here too; all other routes for users refuse one. */
  readonly allowsIncomplete?: boolean;
  readonly csrfExempt?: boolean;
  readonly throttle?: 'none' | 'no-short';
  /** Any token is ignored. */
  readonly ignoresToken?: boolean;
  answer(call: RestCall): RestAnswer;
}

/** The signed-in user of a route with `access: 'user'`. */
export function userOf(call: RestCall): StageUser {
  if (call.user === undefined) throw new RestError(401, 'Unauthorized', 'UNAUTHORIZED');
  return call.user;
}

/** A field of the JSON body, or undefined. */
export function bodyField(call: RestCall, name: string): unknown {
  if (typeof call.body !== 'object' || call.body === null) return undefined;
  return (call.body as Record<string, unknown>)[name];
}
