import { randomBytes } from 'node:crypto';
import { BEATS_BUCKET, HELLO_SUBJECT } from './wire-names.js';

/** Who may speak to a broker of the run's own. */
export interface BrokerUser {
  readonly user: string;
  readonly password: string;
}

export interface BrokerConf {
  readonly host: string;
  /** 0 = any free one. */
  readonly port: number;
  readonly storeDir: string;
  readonly maxStoreBytes: number;
  readonly head: BrokerUser;
  readonly agent: BrokerUser;
  readonly tls?: BrokerTlsFiles;
}

/** PEM files; with a CA each client has to show a certificate of it. */
export interface BrokerTlsFiles {
  readonly certFile: string;
  readonly keyFile: string;
  readonly caFile?: string;
}

/** A user of that name with a password that nobody has had before. */
export function freshUser(user: string): BrokerUser {
  // A letter first: the server takes values of its configuration for what they look like.
  return { user, password: `p${randomBytes(24).toString('hex')}` };
}

/** No message is larger; see `MAX_WIRE_BYTES`. */
const MAX_PAYLOAD_BYTES = 2 ** 20;
/** Inboxes of questions and of what is read. */
const INBOX = '_INBOX.>';

/**
 * What an agent may say: its records and signs of life, questions to the coordinator and whoever else is there, and
 * answers to what it was asked. Not an order to any box, not the coordinator's sign of life, and nothing that deletes or
 * changes a stream. It may read what other agents say: there is nothing secret in it.
 */
export const AGENT_MAY = {
  publish: [
    HELLO_SUBJECT,
    'dl.run.*.data.*',
    'dl.run.*.clock',
    'dl.run.*.room.*',
    `$KV.${BEATS_BUCKET}.box.*`,
    '$JS.API.INFO',
    `$JS.API.STREAM.INFO.KV_${BEATS_BUCKET}`,
    `$JS.API.STREAM.CREATE.KV_${BEATS_BUCKET}`,
    '$JS.API.CONSUMER.DURABLE.CREATE.*.*',
    '$JS.API.CONSUMER.CREATE.*.*',
    '$JS.API.CONSUMER.CREATE.*.*.>',
    '$JS.API.CONSUMER.INFO.*.*',
    '$JS.API.CONSUMER.MSG.NEXT.*.*',
    '$JS.ACK.>',
  ],
  subscribe: [HELLO_SUBJECT, 'dl.box.*', 'dl.run.*.room.*', `$KV.${BEATS_BUCKET}.>`, INBOX],
} as const;

/** The configuration of a nats-server as text; it holds passwords. */
export function brokerConf({ host, port, storeDir, maxStoreBytes, head, agent, tls }: BrokerConf): string {
  return [
    `listen: ${quoted(`${host}:${port === 0 ? -1 : port}`)}`,
    `max_payload: ${MAX_PAYLOAD_BYTES}`,
    ...(tls === undefined ? [] : [tlsConf(tls)]),
    'authorization {',
    '  users = [',
    `    { user: ${head.user}, password: ${quoted(head.password)} }`,
    `    { user: ${agent.user}, password: ${quoted(agent.password)}, permissions: {`,
    `      publish: { allow: ${listed(AGENT_MAY.publish)} }`,
    `      subscribe: { allow: ${listed(AGENT_MAY.subscribe)} }`,
    // An answer goes to whoever asked, and to nobody else.
    '      allow_responses: { max: 1, expires: "2m" }',
    '    } }',
    '  ]',
    '}',
    `jetstream { store_dir: ${quoted(storeDir)}, max_memory_store: ${64 * 2 ** 20}, max_file_store: ${maxStoreBytes} }`,
    '',
  ].join('\n');
}

function tlsConf({ certFile, keyFile, caFile }: BrokerTlsFiles): string {
  const ca = caFile === undefined ? '' : `, ca_file: ${quoted(caFile)}, verify: true`;
  return `tls { cert_file: ${quoted(certFile)}, key_file: ${quoted(keyFile)}${ca} }`;
}

function listed(subjects: readonly string[]): string {
  return `[${subjects.map(quoted).join(', ')}]`;
}

function quoted(text: string): string {
  return JSON.stringify(text);
}
