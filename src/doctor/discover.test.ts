import { describe, expect, it } from 'vitest';
import { checkCollectConfig } from '../collect/config.js';
import { treeOfText } from '../config/tree-file.js';
import type { ConfigIssue } from '../errors.js';
import type { Http } from '../seams.js';
import { collectConfigOf, discover, discoverFindings } from './discover.js';
import { sourceFindings } from './source-findings.js';
import { sourcesYaml } from './sources-yaml.js';

const TARGET = {
  ...{ apiUrl: 'http://127.0.0.1:80', socketUrl: 'http://127.0.0.1:80', streamKey: 'k' },
  ...{ flvUrl: 'http://127.0.0.1:80', hlsUrl: 'http://127.0.0.1:80' },
};

/** Answers of all that is there; everything else is refused. */
function httpOf(answers: Readonly<Record<string, string>>): Http {
  return {
    text: async ({ url }: { url: string }) => {
      const body = answers[url];
      return body === undefined
        ? { kind: 'failure', end: { kind: 'refused', atMs: 0 }, startedAtMs: 0 }
        : { kind: 'response', status: 200, headers: {}, body };
    },
  } as unknown as Http;
}

/** As nginx's package writes it. */
const LINE = '10.0.0.1 - - [23/Nov/2026:05:00:00 +0000] "GET / HTTP/1.1" 200 5 "-" "curl/8"';

const NOBODY = async (): Promise<undefined> => undefined;

describe('what could be asked under load', () => {
  const everything = {
    http: httpOf({
      'http://127.0.0.1:1985/api/v1/summaries': '{"code":0,"data":{}}',
      'http://127.0.0.1:80/nginx_status': 'Active connections: 3 \n',
      'http://127.0.0.1/nginx_status': 'Active connections: 3 \n',
      'http://127.0.0.1:80/api/health/ready': '{}',
    }),
    target: TARGET,
    has: () => true,
    lastLine: () => LINE,
    ask: async (_host: string, port: number) => (port === 6379 ? '+PONG\r\n' : ''),
    commands: [
      'nginx: master process',
      '/usr/bin/redis-server *:6379',
      'postgres: checkpointer',
      '/x/objs/srs -c a',
    ],
  };

  it('is found by a question each, and makes a file of sources that can be used as it is', async () => {
    const found = await discover(everything);
    expect(found.map(({ text }) => text)).toEqual([
      expect.stringMatching(/^the API of SRS/),
      expect.stringMatching(/^stub_status/),
      expect.stringMatching(/^health/),
      'Redis at redis://127.0.0.1:6379, without a password',
      expect.stringMatching(/^PostgreSQL at 127\.0\.0\.1:5432/),
      expect.stringMatching(/^the access log/),
      expect.stringMatching(/^Docker/),
      ...['nginx', 'srs', 'redis', 'postgres'].map((name) => `processes of ${name} on this machine`),
    ]);
    const issues: ConfigIssue[] = [];
    const tree = treeOfText('sources.yaml', sourcesYaml(collectConfigOf(found) ?? {}), issues);
    const config = tree && checkCollectConfig(tree, [], issues);
    expect(issues).toEqual([]);
    expect(config).toMatchObject({
      srs: { api: 'http://127.0.0.1:1985' },
      redis: { url: 'redis://127.0.0.1:6379' },
      nginx: {
        ...{ status: 'http://127.0.0.1/nginx_status', 'access-log': '/var/log/nginx/access.log' },
        format: 'combined',
      },
      backend: { health: 'http://127.0.0.1:80/api/health/ready' },
    });
    expect(config?.processes).toHaveLength(4);
  });

  it('an access log is followed in the format of its last line, and in one of its own only by a person', async () => {
    const logOf = async (line: string | undefined) => {
      const here = { ...everything, http: httpOf({}), ask: NOBODY, commands: [], lastLine: () => line };
      const found = await discover({ ...here, has: (path) => path.endsWith('access.log') });
      return found.map(
        ({ source }) => source?.nginx?.format ?? (source === undefined ? 'by hand' : 'not said'),
      );
    };
    const times = 'rt=0.012 uct="0.001" uht="0.010" urt="0.011"';
    expect(await logOf(LINE)).toEqual(['combined']);
    expect(await logOf(`${LINE} "-"`)).toEqual(['main']);
    expect(await logOf(`${LINE} "-" ${times}`)).toEqual(['timed']);
    expect(await logOf('{"status":200}')).toEqual(['by hand']);
    expect(await logOf(undefined)).toEqual(['not said']);
  });

  it('a Redis that wants a password is left to a person', async () => {
    const ask = async (_host: string, port: number) =>
      port === 6379 ? '-NOAUTH Authentication required.' : undefined;
    const found = await discover({ ...everything, http: httpOf({}), has: () => false, ask, commands: [] });
    expect(found).toEqual([{ text: expect.stringMatching(/^Redis .* wants password-env/) }]);
    expect(discoverFindings(found, undefined)[0]?.text).toMatch(/to be added by hand/);
  });

  it('that is nothing is a warning, and so is what was found and not used', async () => {
    const nothing = await discover({
      ...everything,
      http: httpOf({}),
      has: () => false,
      ask: NOBODY,
      commands: [],
    });
    expect(nothing).toEqual([]);
    expect(collectConfigOf(nothing)).toBeUndefined();
    expect(discoverFindings(nothing, undefined).map(({ severity }) => severity)).toEqual(['warning']);
    const found = await discover(everything);
    expect(discoverFindings(found, undefined).at(-1)).toMatchObject({
      severity: 'warning',
      fix: expect.stringMatching(/--write-collect/),
    });
    expect(discoverFindings(found, 'x.yaml').map(({ severity }) => severity)).not.toContain('warning');
  });

  it('a page of something else in its place is not taken for it', async () => {
    const page = '<html>Active connections: 3</html>';
    const http = httpOf({
      'http://127.0.0.1:1985/api/v1/summaries': page,
      'http://127.0.0.1/nginx_status': page,
    });
    expect(await discover({ ...everything, http, has: () => false, ask: NOBODY, commands: [] })).toEqual([]);
  });

  it('each source that does not answer is named with its reason', () => {
    const findings = sourceFindings({ gaps: { 'srs.api': 'the connection is refused' } }, 3, 'sources.yaml');
    expect(findings.map(({ severity, text }) => `${severity}: ${text}`)).toEqual([
      'ok: 2 of 3 sources of sources.yaml answer',
      'error: srs.api does not answer: the connection is refused; its rows would stay without data',
    ]);
  });
});
