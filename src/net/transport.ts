import { TargetNotAllowedError } from '../errors.js';
import type { HttpMethod, RequestStep, ResponseHeaders, StreamEndKind } from '../seams.js';
import { isUntrusted } from './certificate.js';
import { isLocalShortage } from './connect.js';

/** One hop of an exchange: redirects and limits are no business of a transport. */
export interface TransportRequest {
  readonly method: HttpMethod;
  readonly url: URL;
  /** Lower-case names, checked; without host, connection and content-length. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** Calls come in the order head, body*, done; none comes before `start` has returned, none after an abort. */
export interface TransportHandler {
  /** Absent = nobody asks; may be called before `start` has returned. */
  readonly onStep?: ((step: RequestStep) => void) | undefined;
  onHead(status: number, headers: ResponseHeaders): void;
  /** A view that is valid during the call only. */
  onBody(chunk: Uint8Array): void;
  onDone(kind: StreamEndKind, detail?: string): void;
}

/** One viewer's connections of one kind. */
export interface Transport {
  /** The returned function stops the exchange without a further call. */
  start(request: TransportRequest, handler: TransportHandler): () => void;
  close(): void;
}

/** The kind of end that an error of a socket or library means, and its bounded name (never a URL). */
export function endOfError(error: unknown): { kind: StreamEndKind; detail: string } {
  if (error instanceof TargetNotAllowedError) return { kind: 'not_allowed', detail: error.message };
  const { code, name, syscall } = describe(error);
  const detail = code ?? name;
  if (syscall === 'getaddrinfo' || code === 'ENOTFOUND' || code?.startsWith('EAI_'))
    return { kind: 'dns', detail };
  if (isUntrusted(error)) return { kind: 'untrusted', detail };
  if (code === 'ECONNREFUSED') return { kind: 'refused', detail };
  if (code === 'ECONNRESET' || code === 'EPIPE') return { kind: 'reset', detail };
  if (isLocalShortage(error)) return { kind: 'network', detail: `${detail} on this machine` };
  return { kind: 'network', detail };
}

function describe(error: unknown): { code?: string; name: string; syscall?: string } {
  if (!(error instanceof Error)) return { name: 'unknown error' };
  const { code, syscall } = error as NodeJS.ErrnoException;
  return {
    name: error.name,
    ...(typeof code === 'string' && { code }),
    ...(typeof syscall === 'string' && { syscall }),
  };
}
