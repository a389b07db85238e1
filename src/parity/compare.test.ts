import { describe, expect, it } from 'vitest';
import { expandConf } from '../nginx-conf/expand.js';
import { createRedact } from '../redact.js';
import { type Answers, answersOf, answersTemplate, NO_ANSWERS } from './answers.js';
import type { RowId } from './checklist.js';
import { compareSides } from './compare.js';
import { readCompose } from './compose.js';
import { composeFacts } from './compose-facts.js';
import { joined, nginxConfFacts, srsConfFacts } from './conf-facts.js';
import { NOTHING, type SideFacts } from './facts.js';
import { type ParityRow, parseParity } from './parity-schema.js';
import { formatParity } from './parity-text.js';
import { paritySentence } from './parity-words.js';

const NGINX = (rate: string, name: string, more = ''): string => `
events { worker_connections 2048; }
http {
  limit_req_zone $binary_remote_addr zone=api:10m rate=${rate};
  limit_req_zone $binary_remote_addr zone=auth:10m rate=5r/s;
  server { listen 443 ssl; server_name ${name}; ${more}
    location /api/ { limit_req zone=api burst=50; } }
}`;

function srs(text: string): SideFacts {
  return srsConfFacts(expandConf(text, () => undefined));
}

function nginx(text: string): SideFacts {
  return nginxConfFacts(expandConf(text, () => undefined));
}

function compare(production: SideFacts, staging: SideFacts, answers: Answers = NO_ANSWERS) {
  const facts = { production, staging };
  return compareSides({ facts, answers, redact: createRedact([]), madeAt: '2026-11-23T03:00:00.000Z' });
}

function rowIn(id: RowId, production: SideFacts, staging: SideFacts, answers?: Answers): ParityRow {
  const row = compare(production, staging, answers).rows.find((each) => each.id === id);
  if (row === undefined) throw new Error(`no row ${id}`);
  return row;
}

function facts(values: Readonly<Partial<Record<RowId, string>>>): SideFacts {
  const entries = Object.entries(values).map(([id, value]) => [id, { value, from: 'compose' }] as const);
  return { ...NOTHING, facts: Object.fromEntries(entries) };
}

function answers(text: string): Answers {
  const issues: never[] = [];
  const found = answersOf('a.yaml', text, issues);
  expect(issues).toEqual([]);
  return found ?? NO_ANSWERS;
}

describe('a row of the checklist', () => {
  it('is open, with its question and command, while a side is not known', () => {
    const row = rowIn('redis-version', facts({ 'redis-version': 'redis:7-alpine' }), NOTHING);
    expect(row.state).toBe('open');
    expect(row.questions?.[0]).toMatchObject({ of: ['staging'], question: 'Which Redis runs?' });
    expect(row.staging).toBeUndefined();
  });

  it('is never the same while nothing is known', () => {
    const { counts } = compare(NOTHING, NOTHING);
    expect(counts).toEqual({ same: 0, differs: 0, documented: 0, open: 16 });
  });

  it('differs where configurations do, with both texts and lines', () => {
    const row = rowIn(
      'srs-config',
      srs('vhost v {\n play {\n mw_latency 0;\n}}'),
      srs('vhost v { play { mw_latency 350; } }'),
    );
    expect(row.state).toBe('differs');
    expect(row.differences).toEqual([
      {
        where: 'vhost v > play',
        production: { text: 'mw_latency 0', line: 3 },
        staging: { text: 'mw_latency 350', line: 1 },
      },
    ]);
  });

  it('does not take the name of a server for a difference, and a rate for one', () => {
    const same = [
      nginx(NGINX('30r/s', 'live.example.com')),
      nginx(NGINX('30r/s', 'staging.example.com')),
    ] as const;
    expect(rowIn('nginx-config', ...same)).toMatchObject({
      state: 'same',
      notes: ['1 difference in names and certificates: not counted'],
    });
    expect(rowIn('nginx-rate-limits', ...same).state).toBe('same');
    const other = [same[0], nginx(NGINX('10r/s', 'staging.example.com'))] as const;
    expect(rowIn('nginx-config', ...other).state).toBe('differs');
    expect(rowIn('nginx-rate-limits', ...other)).toMatchObject({
      state: 'differs',
      production: { value: 'api 30r/s, auth 5r/s' },
      staging: { value: 'api 10r/s, auth 5r/s' },
      notes: ['staging is not as the strategy writes it: api 30r/s, auth 5r/s'],
    });
  });

  it('stays open where an include could not be read, whatever else is alike', () => {
    const text = 'events { worker_connections 2048; } http { include sites/*; }';
    const row = rowIn('nginx-config', nginx(text), nginx(text));
    expect(row.state).toBe('open');
    expect(row.notes).toContain('production: line 1: include sites/* is not here to be read');
    expect(rowIn('nginx-worker-connections', nginx(text), nginx(text)).state).toBe('same');
    expect(rowIn('nginx-rate-limits', nginx(text), nginx(text)).state).toBe('open');
  });

  it('compares secrets and shows none', () => {
    const server = (key: string): string =>
      `proxy_set_header X-Api-Key ${key}; set $token ${key}x; secure_link_secret ${key};
       if ($http_x_api_key = "${key}") { return 200 ${key.length}; }`;
    const parity = compare(
      nginx(NGINX('30r/s', 'a', server('first-secret'))),
      nginx(NGINX('30r/s', 'a', server('other-secret'))),
    );
    expect(parity.counts.differs).toBe(1);
    expect(JSON.stringify(parity)).not.toMatch(/first-secret|other-secret/);
    expect(JSON.stringify(parity)).toContain('proxy_set_header X-Api-Key ***');
    const map = (key: string): SideFacts => nginx(`map $http_x_api_key $ok { default 0; ${key} 1; }`);
    const row = rowIn('nginx-config', map('first-secret'), map('other-secret'));
    expect(row.differences).toHaveLength(2);
    expect(JSON.stringify(row)).not.toMatch(/first-secret|other-secret/);
  });

  it('counts what was read before what was answered, and says so', () => {
    const said = answers('redis-version: { production: "6", staging: "7.4.1" }');
    const row = rowIn('redis-version', facts({ 'redis-version': 'redis:7-alpine' }), NOTHING, said);
    expect(row).toMatchObject({
      state: 'same',
      production: { from: 'compose' },
      staging: { value: '7.4.1', from: 'answer' },
      notes: ['production: answered 6; what compose says counts', 'alike as far as both are known: 7'],
    });
  });

  it('does not hold a checksum against a file', () => {
    const said = answers('srs-config: { production: "abc" }');
    expect(rowIn('srs-config', NOTHING, srs('a 1;'), said).state).toBe('open');
    const both = answers('srs-config: { production: "abc", staging: "abd" }');
    expect(rowIn('srs-config', NOTHING, srs('a 1;'), both).state).toBe('differs');
  });

  it('lets a difference stand that is documented, only where the strategy does', () => {
    const said = answers(
      'ecs: { production: "2 vCPU / 4 GB RAM", staging: "t3.large", documented: "no ECS there" }',
    );
    expect(rowIn('ecs', NOTHING, NOTHING, said)).toMatchObject({
      state: 'documented',
      documented: 'no ECS there',
    });
    const issues: { problem: string }[] = [];
    answersOf('a.yaml', 'redis-version: { documented: "so what" }', issues as never);
    expect(issues.map(({ problem }) => problem)).toEqual([
      'a difference here must be mended: the strategy wants both alike',
    ]);
  });
});

describe('compose files', () => {
  const base = {
    services: {
      redis: {
        image: 'redis:7-alpine',
        command: `redis-server --maxmemory 256mb --requirepass \${PASSWORD}`,
      },
      postgres: {
        image: 'docker.io/library/postgres:16-alpine',
        command: ['postgres', '-c', 'max_connections=200'],
      },
      srs: { image: `ossrs/srs:\${SRS:-6}` },
      web: { image: `web:\${TAG}` },
    },
    networks: { internal: { name: 'live-commerce-network' } },
  };
  const values = (...files: unknown[]) =>
    Object.fromEntries(
      Object.entries(composeFacts(readCompose(files)).facts).map(([id, { value }]) => [id, value]),
    );

  it('tell images, limits and networks, defaults of variables filled in', () => {
    expect(values(base)).toEqual({
      'srs-version': 'ossrs/srs:6',
      'postgres-version': 'postgres:16-alpine',
      'postgres-max-connections': '200',
      'redis-version': 'redis:7-alpine',
      'redis-maxmemory': '256mb',
      'docker-network': 'live-commerce-network (bridge)',
      'container-limits': 'none',
    });
    expect(composeFacts(readCompose([base])).notes.map(({ text }) => text)).toEqual([
      'names of images hang on variables that no file sets: TAG',
    ]);
  });

  it('lie over each other', () => {
    const above = {
      services: {
        redis: { command: 'redis-server --maxmemory 512mb' },
        'web-prod': { image: 'web:1', deploy: { resources: { limits: { cpus: '2.0', memory: '1g' } } } },
      },
    };
    expect(values(base, above)).toMatchObject({
      'redis-version': 'redis:7-alpine',
      'redis-maxmemory': '512mb',
      images: 'web:1',
      'container-limits': 'web 2 CPU 1g',
    });
  });

  it('leave open what hangs on a variable, and a network that gets its name from a folder', () => {
    const file = {
      services: {
        redis: { image: 'redis:7', command: `redis-server --maxmemory \${M} --maxmemory-policy \${P:-x}` },
      },
      networks: { internal: null },
    };
    expect(values(file)).toEqual({
      'redis-version': 'redis:7',
      'redis-maxmemory-policy': 'x',
      'container-limits': 'none',
    });
  });

  it('that are none say nothing', () => {
    expect(values(null, 'text', { services: ['a'] })).toEqual({});
  });
});

describe('the answers', () => {
  it('are asked for in a file that can be read again, open as before', () => {
    const text = answersTemplate(compare(facts({ images: 'nginx:1' }), NOTHING));
    expect(text).toContain('# production (compose): nginx:1');
    expect(answers(text)).toEqual(NO_ANSWERS);
  });

  it('keep a version as it is written', () => {
    expect(answers('postgres-version: { staging: 16.10 }').staging['postgres-version']).toBe('16.10');
  });

  it('that are none are refused with file and line', () => {
    const issues: { path: string; problem: string }[] = [];
    const text = 'redis-versio: { staging: 1 }\nimages:\n  stagin: x\necs: 3\nsrs-version: { staging: [1] }';
    expect(answersOf('a.yaml', text, issues)).toBeUndefined();
    expect(issues.map(({ path, problem }) => `${path}: ${problem}`)).toEqual([
      'a.yaml:1: redis-versio: no such row, did you mean redis-version?',
      'a.yaml:3: images.stagin: no such key, did you mean staging?',
      'a.yaml:4: ecs: not answers',
      'a.yaml:5: srs-version.staging: not a text',
    ]);
  });
});

describe('what is written', () => {
  it('is what is read again, and nothing else is', () => {
    const parity = compare(srs('a 1; max_connections 5000;'), srs('a 2;'));
    expect(parseParity(JSON.parse(JSON.stringify(parity)))).toEqual(parity);
    expect(parseParity({ ...parity, v: 2 })).toBeUndefined();
    expect(parseParity([])).toBeUndefined();
  });

  it('lists a bounded number of differences and counts the rest', () => {
    const many = (value: number): string =>
      Array.from({ length: 250 }, (_, i) => `a${i} ${value};`).join('\n');
    const row = rowIn('srs-config', srs(many(1)), srs(many(2)));
    expect([row.differences?.length, row.moreDifferences]).toEqual([200, 50]);
  });

  it('is a sentence and a table', () => {
    const parity = compare(
      joined([srs('a 1;'), facts({ images: 'x' })]),
      joined([srs('a 2;'), facts({ images: 'x' })]),
    );
    expect(paritySentence(parity)).toMatch(
      /^2 of 16 rows the same, 1 differs \(srs-config\), 13 open \(srs-version, nginx-config, /,
    );
    const text = formatParity(parity, { color: false });
    expect(text).toContain(
      'DIFFERS     SRS configuration\n            production "a 1" (line 1), staging "a 2" (line 1)',
    );
    expect(text).toContain('1000 (not written: the default) (srs-conf)');
  });
});
