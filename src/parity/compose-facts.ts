import type { RowId } from './checklist.js';
import type { Compose, ComposeService } from './compose.js';
import type { Fact, RowNote, SideFacts } from './facts.js';
import { imageName } from './values.js';

const FROM = 'compose';
/** The services that have rows of their own, by their image. */
const OWN_ROWS = {
  srs: /(?:^|\/)srs(?::|@|$)/,
  postgres: /(?:^|\/)postgres(?:ql)?(?::|@|$)/,
  redis: /(?:^|\/)redis(?::|@|$)/,
};
const POSTGRES_CONNECTIONS = 100;

/** What the checklist asks of compose files. */
export function composeFacts(compose: Compose): SideFacts {
  const of = (kind: keyof typeof OWN_ROWS): readonly ComposeService[] =>
    compose.services.filter(({ image }) => image !== undefined && OWN_ROWS[kind].test(imageName(image)));
  const facts: Partial<Record<RowId, Fact>> = {};
  const put = (row: RowId, value: string | undefined): void => {
    if (value !== undefined && value !== '') facts[row] = { value, from: FROM };
  };
  const [srs, postgres, redis] = [of('srs'), of('postgres'), of('redis')];
  put('srs-version', imagesOf(srs));
  put('postgres-version', imagesOf(postgres));
  put('redis-version', imagesOf(redis));
  put('postgres-max-connections', connectionsOf(postgres[0]));
  put('redis-maxmemory', optionOf(redis[0], 'maxmemory'));
  put('redis-maxmemory-policy', optionOf(redis[0], 'maxmemory-policy'));
  put('images', imagesOf(compose.services.filter((each) => ![...srs, ...postgres, ...redis].includes(each))));
  // The folder that compose is called in would be its first part.
  if (!compose.networks.some((name) => name.startsWith('PROJECT_')))
    put('docker-network', compose.networks.join(', '));
  if (compose.services.length > 0) put('container-limits', limitsOf(compose.services));
  return { facts, confs: {}, notes: notesOf(compose) };
}

function imagesOf(services: readonly ComposeService[]): string {
  const names = services.flatMap(({ image }) => (image === undefined ? [] : [imageName(image)]));
  return [...new Set(names)].sort().join(', ');
}

function connectionsOf(service: ComposeService | undefined): string | undefined {
  if (service === undefined) return undefined;
  const said = service.command
    ?.map((word) => /^(?:--|-c)?max_connections=(\d+)$/.exec(word)?.[1])
    .find(Boolean);
  return (
    said ?? (service.command === undefined ? `${POSTGRES_CONNECTIONS} (not written: the default)` : undefined)
  );
}

function optionOf(service: ComposeService | undefined, name: string): string | undefined {
  const words = service?.command ?? [];
  const at = words.indexOf(`--${name}`);
  return at === -1 ? undefined : words[at + 1] || undefined;
}

/** `backend 2 CPU 1g`; the same service is called `backend-prod` in production. */
function limitsOf(services: readonly ComposeService[]): string {
  const limits = services.flatMap(({ name, cpus, memory }) => {
    if (cpus === undefined && memory === undefined) return [];
    const parts = [
      ...(cpus === undefined ? [] : [`${Number(cpus)} CPU`]),
      ...(memory === undefined ? [] : [memory]),
    ];
    return [`${name.replace(/-(?:prod|production|staging|stage|dev)$/, '')} ${parts.join(' ')}`];
  });
  return limits.sort().join(', ') || 'none';
}

function notesOf({ services, networks, unset }: Compose): RowNote[] {
  const built = services.filter(({ built: own }) => own).map(({ name }) => name);
  const unnamed = networks.filter((name) => name.startsWith('PROJECT_'));
  return [
    ...(built.length === 0
      ? []
      : [{ row: 'images' as const, text: `built, so without a name to compare: ${built.join(', ')}` }]),
    ...(unset.length === 0
      ? []
      : [
          {
            row: 'images' as const,
            text: `names of images hang on variables that no file sets: ${unset.join(', ')}`,
          },
        ]),
    ...unnamed.map((name) => ({
      row: 'docker-network' as const,
      text: `${name}: compose puts the project's name in place of PROJECT, and no file says it`,
    })),
  ];
}
