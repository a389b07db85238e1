import { posix } from 'node:path';
import type { SourceFacts } from './source-facts.js';

/**
 * Who may import whom. The key is a folder of src/ or the name of a file directly in it; a value is a folder or
 * file, or one file of a folder (`stats/tick`). A layer always sees itself. A layer that is not in the table may
 * not exist: add it here with a reason first.
 */
export type Layers = Readonly<Record<string, readonly string[]>>;

/** Folders whose code is pure: time, chance, timers, the process and the network come in through seams only. */
export const PURE_LAYERS: readonly string[] = [
  'scenarios',
  'players',
  'stats',
  'virtual-user',
  'trace',
  'alerts',
];

const LEAVES = [
  'far-viewers',
  'units',
  'errors',
  'events',
  'seams',
  'target',
  'token-claims',
  'rng',
  'media',
] as const;

export const LAYERS: Layers = {
  units: [],
  errors: [],
  seams: [],
  target: [],
  'token-claims': [],
  rng: ['seams'],
  // Unpacking is arithmetic, though the library for it is the platform's.
  inflate: [],
  events: ['seams'],
  media: ['units', 'errors'],
  redact: [],
  // The syntax of nginx's and SRS's configuration: text in, directives with their lines out.
  'nginx-conf': [],
  // Viewers of other boxes, in memory that the threads of a box share.
  'far-viewers': [],
  // The library of schemas, named once.
  'schema-library': [],
  users: ['errors', 'target'],
  'token-mint': ['target'],
  scenarios: ['units', 'errors', 'events', 'rng', 'seams'],
  players: LEAVES,
  stats: ['events', 'seams', 'units', 'errors', 'inflate'],
  'virtual-user': ['players', 'scenarios', ...LEAVES],
  // The publisher's clock against ours: asked for, compared, shown.
  clock: ['seams', 'errors'],
  stage: ['media', 'units', 'errors', 'clock/clock-answer'],
  'seams-node': LEAVES,
  net: LEAVES,
  protocol: [
    'stats',
    'scenarios',
    'config',
    'users',
    'clock/clock-state',
    'players/page-profiles',
    ...LEAVES,
  ],
  config: [
    'scenarios',
    'stats/kpis',
    'net/allow-list',
    'users',
    'redact',
    'players/page-profiles',
    // The type of a checked file of sources.
    'collect/config',
    'parity/parity-schema',
    ...LEAVES,
  ],
  // The story of one viewer: what passes its seams, as lines; and pictures made of the lines.
  trace: ['players/player', 'redact', 'clock/clock-words', ...LEAVES],
  report: [
    'stats',
    'protocol',
    'trace',
    'config',
    'redact',
    'clock/clock-words',
    'schema-library',
    // Tables and schemas that documents are printed from.
    'collect/fields',
    'collect/nginx-format',
    'collect/config',
    'collect/line-schema',
    'collect/alert-schema',
    'alerts',
    'dashboard/dashboard-docs',
    'dashboard/grafana',
    'parity/checklist',
    'parity/config',
    'parity/parity-schema',
    'parity/parity-words',
    ...LEAVES,
  ],
  worker: [
    'virtual-user',
    'players/page-profiles',
    'players/page-player',
    'players/player',
    'stats',
    'scenarios',
    'protocol',
    'config',
    'seams-node',
    'net',
    'token-mint',
    'clock/clock-state',
    'trace',
    ...LEAVES,
  ],
  // A page, an event stream and numbers for Prometheus, of looks at a run: whoever runs or reads one hands them in.
  dashboard: [
    'stats',
    'report',
    'alerts',
    'trace/timeline-page',
    'clock/clock-words',
    'collect/line',
    'collect/reading',
    ...LEAVES,
  ],
  // One viewer of the run, sent ahead: it is made of the same parts as all of them.
  preflight: [
    'virtual-user',
    'players/profiles',
    'players/page-player',
    'players/player',
    'players/flv-reader',
    'scenarios',
    'config',
    'clock/clock-words',
    ...LEAVES,
  ],
  // Makes test users: REST with one viewer's cookies, and the file that keeps them.
  accounts: ['virtual-user/cookie-jar', 'virtual-user/api-outcome', ...LEAVES],
  // Everything but the worker, the players and the viewers, which live in threads and are reached by URL only.
  run: [
    'stats',
    'scenarios',
    'protocol',
    'config',
    'report',
    'users',
    'token-mint',
    'redact',
    'seams-node',
    'net',
    'preflight',
    'accounts',
    // Names and words of the players, not the players.
    'players/page-profiles',
    'clock',
    'trace',
    'dashboard',
    'cluster',
    'faults',
    // The collector within a run: what it is asked, what it says, and its file.
    'alerts',
    'collect/alert-config',
    'collect/alert-log',
    'collect/child-protocol',
    'collect/config',
    'collect/line',
    'collect/open-collector',
    'collect/system-file',
    'collect/line-schema',
    // What a killed coordinator left is checked before anybody goes on from it.
    'schema-library',
    // One named exception: a fault of the embedded stage is checked before the stage is started.
    'stage/fault-spec',
    // What dorami-load parity found, read and kept.
    'parity/read-parity',
    'parity/parity-schema',
    'parity/parity-words',
    ...LEAVES,
  ],
  // Changes of this machine that faults are made of: planned, written down, made, undone. Of a run it knows how a
  // command speaks and ends.
  faults: [
    'scenarios/address',
    'scenarios/real-fault',
    'errors',
    'schema-library',
    'report/exit-codes',
    'run/make-folder',
    'run/output',
  ],
  // Boxes and what they say to the coordinator of a run: threads here, or an agent behind a broker.
  cluster: [
    'protocol',
    'stats/tick',
    'stats/tick-codec',
    'scenarios/plan',
    'clock',
    // What comes over the wire is checked before anything is made of it, and nothing secret is stored there.
    'schema-library',
    'redact',
    ...LEAVES,
  ],
  // A broadcaster: it knows of viewers and their verdict nothing but how a command speaks and ends.
  publish: [
    'media',
    'units',
    'errors',
    'redact',
    'clock/clock-server',
    'report/exit-codes',
    'run/output',
    'run/stop-signals',
  ],
  // Thresholds of the strategy held against lines of the platform's meters: numbers in, alerts out.
  alerts: [],
  // Asks the platform's own parts. Of a run it knows how a command speaks and ends, and what a machine allows.
  collect: [
    'alerts',
    'seams',
    'seams-node',
    'errors',
    'redact',
    'schema-library',
    'stats/trend',
    'net/allow-list',
    'net/http-node',
    'config',
    'report/exit-codes',
    'run/machine',
    'run/make-folder',
    'run/output',
    'run/stop-signals',
  ],
  // Looks ahead to a run: at all that the run itself would use, without its viewers.
  doctor: [
    'run',
    'preflight',
    'collect',
    'nginx-conf',
    'config',
    'scenarios',
    'net',
    'seams-node',
    'redact',
    'report/exit-codes',
    'report/figures',
    'report/style',
    ...LEAVES,
  ],
  // Two systems side by side, from files and answers. Of a run it knows how a command speaks and ends.
  parity: [
    'nginx-conf',
    'config',
    'errors',
    'redact',
    'schema-library',
    'seams-node',
    'net/allow-list',
    'net/http-node',
    'collect/fetch-text',
    // Redis, PostgreSQL and SRS of a file of sources are asked for their versions and limits.
    'collect/config',
    'collect/make-sources',
    'collect/redis-info',
    'collect/postgres-rows',
    'report/exit-codes',
    'report/style',
    'report/text-width',
    'run/output',
  ],
  cli: [
    // The rule for names of load boxes.
    'cluster/agent-messages',
    'collect',
    'doctor',
    'parity',
    'scenarios/profiles',
    'config',
    'run',
    'faults',
    'publish',
    'stage/stage-command',
    'stage/fault-spec',
    'report',
    'protocol',
    'redact',
    'net/allow-list',
    ...LEAVES,
  ],
};

/** Every import that points the wrong way, in words; empty when all is well. */
export function wrongDirections(files: readonly SourceFacts[], layers: Layers): readonly string[] {
  return files.flatMap((file) => {
    const from = layerOf(file.path);
    const allowed = layers[from];
    if (allowed === undefined) return [`${file.path}: src/${from} is not in the table of layers`];
    return file.imports
      .filter(({ specifier }) => specifier.startsWith('.'))
      .map(({ specifier, line }) => ({ line, to: posix.join(posix.dirname(file.path), specifier) }))
      .filter(({ to }) => !mayImport(from, allowed, to))
      .map(({ line, to }) => `${file.path}:${line}: src/${from} must not import ${to}`);
  });
}

/** Packages of others that more than one file imports, in words. */
export function packagesImportedTwice(files: readonly SourceFacts[]): readonly string[] {
  const importers = new Map<string, Set<string>>();
  for (const file of files) {
    for (const { specifier } of file.imports) {
      const name = packageName(specifier);
      if (name !== undefined) importers.set(name, (importers.get(name) ?? new Set()).add(file.path));
    }
  }
  return [...importers]
    .filter(([, paths]) => paths.size > 1)
    .map(([name, paths]) => `${name} is imported by ${[...paths].sort().join(' and ')}`);
}

/** Uses of the world inside the pure layers, in words. */
export function worldInPureLayers(files: readonly SourceFacts[]): readonly string[] {
  return files
    .filter((file) => PURE_LAYERS.includes(layerOf(file.path)))
    .flatMap((file) => [
      ...file.world.map(({ name, line }) => `${file.path}:${line}: ${name} in a pure layer`),
      ...file.imports
        .filter(({ specifier }) => specifier.startsWith('node:'))
        .map(({ specifier, line }) => `${file.path}:${line}: ${specifier} in a pure layer`),
    ]);
}

/** Default exports, enums, and files named after nothing in particular, in words. */
export function bannedForms(files: readonly SourceFacts[]): readonly string[] {
  return files.flatMap((file) => [
    ...file.banned.map(({ name, line }) => `${file.path}:${line}: ${name}`),
    ...(/\/(utils?|helpers?|common|misc|index)\.[mc]?[jt]s$/.test(file.path)
      ? [`${file.path}: a file is named after what it does`]
      : []),
  ]);
}

/** `src/players/hls-player.ts` -> `players`; `src/run.ts` -> `run`. */
export function layerOf(path: string): string {
  const [, first] = path.split('/');
  return (first ?? '').replace(/\.ts$/, '');
}

function mayImport(from: string, allowed: readonly string[], to: string): boolean {
  if (!to.startsWith('src/')) return false;
  const layer = layerOf(to.replace(/\.js$/, '.ts'));
  const file = to.replace(/^src\//, '').replace(/\.js$/, '');
  return layer === from || allowed.includes(layer) || allowed.includes(file);
}

function packageName(specifier: string): string | undefined {
  if (specifier.startsWith('.') || specifier.startsWith('node:')) return undefined;
  const parts = specifier.split('/');
  return specifier.startsWith('@') ? parts.slice(0, 2).join('/') : parts[0];
}
