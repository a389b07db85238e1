import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, onTestFinished, test } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { parseCommandLine } from '../src/cli/command-line.js';
import { AGENT_MAY } from '../src/cluster/broker-conf.js';
import { variableOf } from '../src/config/env-layer.js';
import { RUN_FLAGS } from '../src/config/flags.js';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const DEPLOY = join(ROOT, 'deploy');
/** A secret's name and a value that is neither a variable nor to be filled in. */
const ASSIGNED =
  /(?:PASSWORD|TOKEN|SECRET|STREAM_KEY|LOAD_NATS)\w*["']?[:=]\s*["']?(?!\$|-|%s|nats:\/\/(?:coordinator|agent):%s@|\.\.\.)[^\s"']/;
const IMAGE = /(^|\/)dorami-load(:|$)/;

type Tree = Readonly<Record<string, unknown>>;
const read = (name: string): string => readFileSync(join(DEPLOY, name), 'utf8');

/** All objects of a tree that have this key, with their value of it. */
function having<T = unknown>(tree: unknown, key: string): { readonly of: Tree; readonly value: T }[] {
  if (Array.isArray(tree)) return tree.flatMap((entry) => having<T>(entry, key));
  if (typeof tree !== 'object' || tree === null) return [];
  const own = Object.hasOwn(tree, key) ? [{ of: tree as Tree, value: (tree as Tree)[key] as T }] : [];
  return [...own, ...Object.values(tree).flatMap((value) => having<T>(value, key))];
}

interface Service extends Tree {
  readonly image: string;
  readonly command?: readonly string[];
  readonly env_file?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly volumes?: readonly string[];
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
}

interface Compose {
  readonly services: Readonly<Record<string, Service>>;
  readonly volumes: Tree;
}

interface Manifest extends Tree {
  readonly kind: string;
  readonly metadata: { readonly name: string };
}

interface Container extends Tree {
  readonly name: string;
  readonly image: string;
  readonly args?: readonly string[];
  readonly env?: readonly { readonly name: string }[];
  readonly ports?: readonly { readonly name: string }[];
  readonly volumeMounts?: readonly { readonly name: string; readonly mountPath: string }[];
  readonly securityContext?: Tree;
  readonly resources?: { readonly requests?: Tree; readonly limits?: Tree };
}

interface Kustomization {
  readonly resources: readonly string[];
  readonly images: readonly { readonly name: string }[];
  readonly configMapGenerator: readonly { readonly name: string; readonly files: readonly string[] }[];
  readonly secretGenerator: readonly { readonly name: string; readonly envs: readonly string[] }[];
}

const compose = parse(read('compose.yaml'), { merge: true }) as Compose;
const kustomization = parse(read('kustomization.yaml')) as Kustomization;
const manifests = kustomization.resources.flatMap((name) =>
  parseAllDocuments(read(name)).map((document) => document.toJS() as Manifest),
);
const containers = having<Container[]>(manifests, 'containers').flatMap(({ value }) => value);
const ecs = JSON.parse(read('ecs/agent-task.json')) as {
  readonly volumes: readonly { readonly name: string }[];
  readonly containerDefinitions: readonly (Tree & {
    readonly command: readonly string[];
    readonly secrets: readonly { readonly name: string; readonly valueFrom: string }[];
    readonly mountPoints: readonly { readonly sourceVolume: string }[];
    readonly user: string;
  })[];
};

/** What stands in a file in place of a value, as it would be for somebody who set nothing. */
const filledIn = (word: string): string =>
  word.replace(/\$\{\w+:-([^}]*)\}/g, '$1').replace(/\$\(\w+\)/g, '0');

describe('commands of the placement files', () => {
  const commands = [
    ...Object.entries(compose.services)
      .filter(([, { image, command }]) => IMAGE.test(image) && command !== undefined)
      .map(([name, { command = [] }]) => ({ where: `compose.yaml ${name}`, words: command })),
    ...containers
      .filter(({ image }) => IMAGE.test(image))
      .map(({ name, args = [] }) => ({ where: `kubernetes ${name}`, words: args })),
    ...ecs.containerDefinitions.map(({ command }) => ({ where: 'ecs', words: command })),
    ...[...read('compose.yaml').matchAll(/run --rm coordinator (--[^\n]*)/g)].map(([, words = '']) => ({
      where: 'compose.yaml head',
      words: ['run', ...words.trim().split(/\s+/)],
    })),
  ];

  test('are all found', () => {
    expect(commands.map(({ where }) => where).sort()).toEqual([
      ...['compose.yaml agent', 'compose.yaml head', 'compose.yaml head', 'compose.yaml stage'],
      ...['ecs', 'kubernetes agent', 'kubernetes coordinator'],
    ]);
  });

  test.each(commands)('$where: dorami-load knows every word', ({ words }) => {
    const line = parseCommandLine(words.map(filledIn));
    expect(line).toMatchObject({ command: words[0], issues: [] });
  });

  test('variables are settings that dorami-load reads', () => {
    const known = Object.keys(RUN_FLAGS).map(variableOf);
    const set = [
      ...Object.values(compose.services).flatMap(({ environment = {} }) => Object.keys(environment)),
      ...[...read('make-secrets.sh').matchAll(/DORAMI_LOAD_\w+/g)].map(([name]) => name),
      ...ecs.containerDefinitions.flatMap(({ secrets }) => secrets.map(({ name }) => name)),
    ];
    expect(set.length).toBeGreaterThanOrEqual(6);
    expect(set.filter((name) => !known.includes(name))).toEqual([]);
  });
});

describe('secrets', () => {
  function made(): string {
    const folder = mkdtempSync(join(tmpdir(), 'dorami-deploy-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    cpSync(join(DEPLOY, 'make-secrets.sh'), join(folder, 'make-secrets.sh'));
    return folder;
  }
  const make = (folder: string, env: NodeJS.ProcessEnv = {}): void => {
    execFileSync('bash', [join(folder, 'make-secrets.sh')], {
      env: { ...process.env, ...env },
      stdio: 'pipe',
    });
  };

  test('are made fresh, for their owner alone, one password for each side, and are kept', () => {
    const [first, second] = [made(), made()];
    for (const folder of [first, second]) make(folder, { STREAM_KEY: 'k-1' });
    const text = (folder: string, name: string): string =>
      readFileSync(join(folder, 'secrets', name), 'utf8');
    const made48 = /^NATS_PASSWORD=(p[0-9a-f]{48})\nNATS_AGENT_PASSWORD=(p[0-9a-f]{48})\n$/;
    const [, password = '', ofAgents = ''] = made48.exec(text(first, 'nats.env')) ?? [];
    expect(password).not.toBe(ofAgents);
    const address = (who: string): string => `DORAMI_LOAD_NATS=nats://${who}@nats:4222\n`;
    expect(text(first, 'coordinator.env')).toBe(address(`coordinator:${password}`));
    expect(text(first, 'agent.env')).toBe(address(`agent:${ofAgents}`));
    expect(text(first, 'platform.env')).toBe('DORAMI_LOAD_STREAM_KEY=k-1\n');
    expect(text(second, 'nats.env')).not.toContain(password);
    const names = readdirSync(join(first, 'secrets'));
    expect(names.map((name) => statSync(join(first, 'secrets', name)).mode & 0o777)).toEqual([
      0o600, 0o600, 0o600, 0o600,
    ]);
    expect(statSync(join(first, 'secrets')).mode & 0o777).toBe(0o700);
    make(first);
    expect(text(first, 'nats.env')).toContain(password);
    const wanted = [
      ...Object.values(compose.services).flatMap(({ env_file = [] }) => env_file),
      ...kustomization.secretGenerator.flatMap(({ envs }) => envs),
    ];
    expect([...new Set(wanted)].sort()).toEqual(names.map((name) => `secrets/${name}`).sort());
  });

  test('stand in no file of the repository', () => {
    const files = readdirSync(DEPLOY, { recursive: true, encoding: 'utf8' }).filter(
      (name) => !name.startsWith('secrets') && statSync(join(DEPLOY, name)).isFile(),
    );
    expect(files.length).toBeGreaterThanOrEqual(10);
    const inline = files.flatMap((name) =>
      read(name)
        .split('\n')
        .filter((line) => ASSIGNED.test(line) || /[A-Za-z0-9+/]{32,}/.test(line))
        .map((line) => `${name}: ${line.trim()}`),
    );
    expect(inline).toEqual([]);
    expect(files.filter((name) => /nats:\/\/[^\s@]*:(?!%s)[^\s@]+@/.test(read(name)))).toEqual([]);
    expect(readFileSync(join(ROOT, '.gitignore'), 'utf8')).toContain('/deploy/secrets/\n');
  });
});

describe('compose.yaml', () => {
  test('services, volumes and files that are named are there', () => {
    const names = Object.keys(compose.services);
    for (const [name, { depends_on = {}, volumes = [] }] of Object.entries(compose.services)) {
      for (const [other, { condition }] of Object.entries(depends_on)) {
        expect(names, name).toContain(other);
        if (condition === 'service_healthy')
          expect(compose.services[other], other).toHaveProperty('healthcheck');
      }
      for (const [from = '', to] of volumes.map((volume) => volume.split(':'))) {
        if (to === undefined || from === '../runs') continue;
        const isFile = from.startsWith('.');
        expect(isFile ? existsSync(join(DEPLOY, from)) : Object.hasOwn(compose.volumes, from), from).toBe(
          true,
        );
      }
    }
    expect(compose.services.coordinator?.environment?.DORAMI_LOAD_TARGET).toBe('http://stage:8080');
  });

  test('ours run with no rights, and with descriptors enough', () => {
    for (const service of Object.values(compose.services).filter(({ image }) => IMAGE.test(image))) {
      expect(service).toMatchObject({ read_only: true, cap_drop: ['ALL'], ulimits: { nofile: 65536 } });
    }
  });
});

describe('Kubernetes manifests', () => {
  const generated = [...kustomization.configMapGenerator, ...kustomization.secretGenerator].map(
    ({ name }) => name,
  );
  const pods = having<Tree>(manifests, 'template').map(({ value }) => value.spec as Tree);

  test('all files of the folder belong to the whole', () => {
    const there = readdirSync(join(DEPLOY, 'kubernetes')).map((name) => `kubernetes/${name}`);
    expect([...kustomization.resources].sort()).toEqual(there.sort());
    for (const { files } of kustomization.configMapGenerator)
      for (const file of files) expect(existsSync(join(DEPLOY, file)), file).toBe(true);
    expect(kustomization.images.map(({ name }) => name)).toEqual(['dorami-load']);
  });

  test('what a pod refers to is there', () => {
    const refs = ['secretRef', 'secretKeyRef', 'configMapRef', 'configMap'].flatMap((key) =>
      having<{ name: string }>(manifests, key).map(({ value }) => value.name),
    );
    expect([...new Set(refs)].sort()).toEqual(['agent', 'coordinator', 'nats', 'platform']);
    expect(refs.filter((name) => !generated.includes(name))).toEqual([]);
    const claims = manifests
      .filter(({ kind }) => kind === 'PersistentVolumeClaim')
      .map(({ metadata }) => metadata.name);
    for (const { value } of having<string>(manifests, 'claimName')) expect(claims).toContain(value);
    for (const pod of pods) {
      const volumes = having<string>(pod.volumes, 'name').map(({ value }) => value);
      const templates = having<{ metadata: { name: string } }[]>(manifests, 'volumeClaimTemplates');
      const all = [
        ...volumes,
        ...templates.flatMap(({ value }) => value.map(({ metadata }) => metadata.name)),
      ];
      for (const { volumeMounts = [] } of pod.containers as Container[])
        for (const { name } of volumeMounts) expect(all, name).toContain(name);
    }
  });

  test('the broker is found by the name and port that the agents are given, by pods that may', () => {
    const service = manifests.find(({ kind }) => kind === 'Service');
    expect(service?.metadata.name).toBe('nats');
    const labels = having<Readonly<Record<string, string>>>(manifests, 'labels').map(({ value }) => value);
    for (const key of ['matchLabels', 'selector'])
      for (const { value } of having<Tree>(manifests, key)) {
        if (Object.hasOwn(value, 'matchLabels')) continue;
        expect(labels, JSON.stringify(value)).toContainEqual(expect.objectContaining(value));
      }
    expect(JSON.stringify(service)).toContain('"port":4222');
    expect(read('nats.conf')).toContain('listen: 0.0.0.0:4222');
    const ports = containers.flatMap(({ ports: own = [] }) => own.map(({ name }) => name));
    for (const { value } of having<string>(manifests, 'targetPort')) expect(ports).toContain(value);
  });

  test('nobody is root or may become it, and everybody says what it needs', () => {
    expect(pods.length).toBe(3);
    for (const pod of pods)
      expect(pod).toMatchObject({
        securityContext: { runAsNonRoot: true },
        automountServiceAccountToken: false,
      });
    for (const { securityContext, resources, name } of containers) {
      expect(securityContext, name).toEqual({
        ...{ allowPrivilegeEscalation: false, readOnlyRootFilesystem: true },
        capabilities: { drop: ['ALL'] },
      });
      expect(Object.keys(resources?.requests ?? {}), name).toEqual(['cpu', 'memory']);
      expect(resources?.limits, name).toHaveProperty('memory');
    }
  });

  test('each agent has a name of its own that stays its own, and as many run as the coordinator waits for', () => {
    const jobs = manifests.filter(({ kind }) => kind === 'Job');
    const agents = jobs.find(({ metadata }) => metadata.name === 'agents')?.spec as Tree;
    expect(agents).toMatchObject({ completionMode: 'Indexed', completions: agents.parallelism });
    const agent = containers.find(({ name }) => name === 'agent');
    const index = /\$\((\w+)\)/.exec(agent?.args?.join(' ') ?? '')?.[1];
    expect(agent?.env?.map(({ name }) => name)).toContain(index);
    const coordinator = containers.find(({ name }) => name === 'coordinator');
    expect(coordinator?.args).toContain(`--agents=${agents.completions}`);
  });
});

test('the broker lets agents say what a broker of the run itself lets them say, and its passwords are those made', () => {
  const conf = read('nats.conf');
  const listed = (name: string): string[] =>
    [...(new RegExp(`${name}: \\{ allow: \\[([^\\]]*)\\]`).exec(conf)?.[1] ?? '').matchAll(/"([^"]+)"/g)].map(
      ([, subject = '']) => subject,
    );
  expect({ publish: listed('publish'), subscribe: listed('subscribe') }).toEqual(AGENT_MAY);
  expect(conf).toContain('allow_responses: { max: 1, expires: "2m" }');
  const users = [...conf.matchAll(/user: (\w+), password: \$(\w+)/g)].map(([, ...words]) => words.join(' '));
  expect(users).toEqual(['coordinator NATS_PASSWORD', 'agent NATS_AGENT_PASSWORD']);
  for (const variable of ['NATS_PASSWORD=%s', 'NATS_AGENT_PASSWORD=%s'])
    expect(read('make-secrets.sh')).toContain(variable);
});

test('the ECS task refers to its own volumes, and takes secrets from where they are kept', () => {
  const volumes = ecs.volumes.map(({ name }) => name);
  for (const { mountPoints, secrets, user } of ecs.containerDefinitions) {
    expect(mountPoints.map(({ sourceVolume }) => sourceVolume)).toEqual(volumes);
    expect(user).not.toMatch(/^(root|0)/);
    for (const { valueFrom } of secrets) expect(valueFrom).toMatch(/^arn:aws:(secretsmanager|ssm):/);
  }
});

describe('Dockerfile', () => {
  const lines = read('Dockerfile')
    .replace(/\\\n/g, ' ')
    .split('\n')
    .filter((line) => /^[A-Z]/.test(line));
  const of = (word: string): string[] =>
    lines.filter((line) => line.startsWith(`${word} `)).map((line) => line.slice(word.length + 1));

  test('copies what is there, and what the package ships', () => {
    const copied = of('COPY').filter((line) => !line.startsWith('--from'));
    const sources = copied.flatMap((line) => line.split(/\s+/).slice(0, -1));
    for (const source of sources) expect(existsSync(join(ROOT, source)), source).toBe(true);
    const allowed = read('Dockerfile.dockerignore').split('\n');
    for (const source of sources) expect(allowed, source).toContain(`!${source}`);
    const { files } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
      files: readonly string[];
    };
    const needed = files.filter((name) => !/^!|\.md$|^docs$|^LICENSE$/.test(name));
    const last = lines.slice(lines.lastIndexOf(lines.findLast((line) => line.startsWith('FROM')) ?? ''));
    const inImage = last.filter((line) => line.startsWith('COPY')).map((line) => line.split(/\s+/).at(-1));
    expect(needed.filter((name) => !inImage.includes(name))).toEqual([]);
    expect(inImage).toContain('node_modules');
  });

  test('ends as nobody special, starts the command, and fetches nothing but packages', () => {
    expect(of('USER')).toEqual(['node']);
    expect(lines.findIndex((line) => line.startsWith('USER'))).toBeGreaterThan(
      lines.findLastIndex((line) => line.startsWith('RUN')),
    );
    const [program, script = ''] = JSON.parse(of('ENTRYPOINT')[0] ?? '[]') as string[];
    expect(program).toBe('node');
    expect(existsSync(script.replace('/app/', ROOT))).toBe(true);
    expect(of('RUN').join('\n')).not.toMatch(/curl|wget|https?:/);
    expect(of('ADD')).toEqual([]);
    expect(of('FROM').map((line) => line.split(' ')[0])).toEqual(['node:20-slim', 'node:20-slim']);
    expect(of('RUN')[0]).toContain('npm ci --ignore-scripts');
    expect(of('RUN')[1]).toContain('npm prune --omit=dev');
  });
});
