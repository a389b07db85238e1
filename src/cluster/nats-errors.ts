import { LinkError, type LinkErrorCode } from './link.js';

/** Names of the client libraries' errors, and what they mean to whoever used a link. */
const CODES: Readonly<Record<string, LinkErrorCode>> = {
  NoResponders: 'no_responders',
  TimeoutError: 'timeout',
  ClosedConnectionError: 'closed',
  DrainingConnectionError: 'closed',
  ConnectionError: 'closed',
  AuthorizationError: 'refused',
  UserAuthenticationExpiredError: 'refused',
  PermissionViolationError: 'refused',
  JetStreamNotEnabled: 'refused',
};

/** What the broker calls a stream that has no room: bytes, or messages. */
const FULL = /maximum (bytes|messages)|insufficient (storage|resources|memory)|no space left/i;

/**
 * An error of the client libraries as one of a link, in words for the user. `doing` = what was tried.
 * `isStored`: an acknowledgement was waited for, so whatever is not known may have arrived; nobody there = no such stream.
 */
export function linkErrorOf(error: unknown, doing: string, isStored = false): LinkError {
  if (error instanceof LinkError) return error;
  const chain = chainOf(error);
  const words = chain.map(({ message }) => message).find((message) => message !== '') ?? String(error);
  const known = chain.map(({ name }) => CODES[name]).find((code) => code !== undefined);
  const isNobody = isStored && chain.some(({ name }) => name === 'JetStreamNotEnabled');
  const code = FULL.test(words) ? 'full' : isNobody ? 'no_responders' : known;
  return new LinkError(code ?? (isStored ? 'timeout' : 'refused'), `${doing}: ${words}`, { cause: error });
}

/** An error and what caused it, outermost first. */
function chainOf(error: unknown): Error[] {
  const chain: Error[] = [];
  for (let next = error; next instanceof Error && chain.length < 5; next = next.cause) chain.push(next);
  return chain;
}
