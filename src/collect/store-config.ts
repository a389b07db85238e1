import { z } from '../schema-library.js';

const keyTemplate = z
  .string()
  .min(1, 'no name')
  .max(500)
  .regex(/^[^{}]*(?:\{(?:stream|live)\}[^{}]*)*$/, 'has a place other than {stream} and {live}');

/** Usual names of the platform's keys. */
export const VIEWERS_KEY = 'stream:{stream}:viewer_ids';
export const CHAT_KEY = 'chat:{live}:history';

const word = z.string().min(1, 'empty').max(500);

/** The part `redis` of a file of sources; `variable` is a name of the environment. */
export function redisEntry(variable: z.ZodString) {
  return z.strictObject({
    url: z.string().refine(isRedisUrl, 'not redis[s]://HOST[:PORT][/DATABASE] without credentials').meta({
      description:
        'redis: or rediss: (TLS), without credentials; a host off this machine needs --allow-target',
    }),
    username: word.optional(),
    'password-env': variable
      .optional()
      .meta({ description: 'variable of the environment with the password' }),
    stream: word.optional().meta({ description: 'stream key, for {stream}' }),
    live: word.optional().meta({ description: 'id of the live, for {live}' }),
    'viewers-key': keyTemplate
      .optional()
      .meta({ description: `the set of viewers; ${VIEWERS_KEY} when absent` }),
    'chat-key': keyTemplate.optional().meta({ description: `the list of messages; ${CHAT_KEY} when absent` }),
  });
}

/** The part `postgres` of a file of sources. */
export function postgresEntry(variable: z.ZodString) {
  return z.strictObject({
    url: z
      .string()
      .refine(isPostgresUrl, 'not postgresql://USER@HOST[:PORT]/DATABASE without a password')
      .meta({
        description:
          'postgresql://USER@HOST[:PORT]/DATABASE without a password, straight to the server and not to a pooler; a host off this machine needs --allow-target',
      }),
    'password-env': variable
      .optional()
      .meta({ description: 'variable of the environment with the password' }),
    tls: z.boolean().optional().meta({ description: 'TLS or nothing; without it when absent' }),
    'pool-limit': z
      .int()
      .positive()
      .max(100_000)
      .optional()
      .meta({ description: "connections that the platform's own pool may have" }),
  });
}

/** `URL` leaves hosts of such schemes as they are written: only plain ones are taken. */
const HOST = /^(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])$/;

function isRedisUrl(text: string): boolean {
  const url = plainUrl(text, /^rediss?:$/);
  return url !== undefined && url.username === '' && /^(?:\/\d{0,5})?$/.test(url.pathname);
}

function isPostgresUrl(text: string): boolean {
  const url = plainUrl(text, /^postgres(?:ql)?:$/);
  return (
    url !== undefined && isEncoded(url.username) && /^\/[^/]+$/.test(url.pathname) && isEncoded(url.pathname)
  );
}

function plainUrl(text: string, protocol: RegExp): URL | undefined {
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  const isPlain = protocol.test(url.protocol) && HOST.test(url.hostname) && !/[?#]/.test(text);
  return isPlain && url.password === '' ? url : undefined;
}

function isEncoded(text: string): boolean {
  try {
    return decodeURIComponent(text) !== '';
  } catch {
    return false;
  }
}
