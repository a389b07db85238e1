import { describe, expect, it } from 'vitest';
import { confDifferences, headText } from './differences.js';
import { filesOfDump } from './dump.js';
import { expandConf, matchesInclude } from './expand.js';
import { parseConf } from './parse.js';

/** Each difference as `where | first | second`, an order marked. */
function diff(first: string, second: string): string[] {
  return confDifferences(parseConf(first).directives, parseConf(second).directives).map((each) =>
    [
      each.where,
      each.first === undefined ? '' : headText(each.first),
      each.second === undefined ? '' : headText(each.second),
      ...(each.order === true ? ['order'] : []),
    ].join(' | '),
  );
}

describe('confDifferences', () => {
  it('finds nothing where only comments, white space, quotes and the order of settings differ', () => {
    const first = '# a\nlisten 1935;\nvhost v { play { gop_cache on; mw_latency 0; } }';
    const second = 'vhost   "v" {\n play {\n mw_latency 0; # now\n gop_cache on; }\n}\nlisten\t1935;';
    expect(diff(first, second)).toEqual([]);
  });

  it('names the blocks around a value, and both values', () => {
    expect(diff('vhost v { play { mw_latency 0; } }', 'vhost v { play { mw_latency 350; } }')).toEqual([
      'vhost v > play | mw_latency 0 | mw_latency 350',
    ]);
  });

  it('tells what only one side has', () => {
    expect(diff('a 1; b 2; x { y 1; }', 'b 2; c 3; z { }')).toEqual([
      ' | a 1 | ',
      ' |  | c 3',
      ' | x | ',
      ' |  | z',
    ]);
  });

  it('pairs settings that stand several times by what they are about', () => {
    expect(diff('add_header A 1; add_header B 2;', 'add_header B 3; add_header A 1;')).toEqual([
      ' | add_header B 2 | add_header B 3',
    ]);
    expect(
      diff(
        'limit_req_zone $k zone=api:10m rate=10r/s; limit_req_zone $k zone=auth:10m rate=5r/s;',
        'limit_req_zone $k zone=auth:10m rate=5r/s; limit_req_zone $k zone=chat:10m rate=9r/s; limit_req_zone $k zone=api:10m rate=30r/s;',
      ),
    ).toEqual([
      ' | limit_req_zone $k zone=api:10m rate=10r/s | limit_req_zone $k zone=api:10m rate=30r/s',
      ' |  | limit_req_zone $k zone=chat:10m rate=9r/s',
    ]);
  });

  it('finds the same server under another name', () => {
    const server = (name: string, body: string): string =>
      `server { listen 80; server_name x; } server { listen 443 ssl; server_name ${name}; ${body} }`;
    const first = `http { ${server('live.example.com', 'location /api/ { limit_req zone=api burst=50; }')} }`;
    const second = `http { ${server('staging.example.com', 'location /api/ { limit_req zone=api burst=10; }')} }`;
    expect(diff(first, second)).toEqual([
      'http > server live.example.com | server_name live.example.com | server_name staging.example.com',
      'http > server live.example.com > location /api/ | limit_req zone=api burst=50 | limit_req zone=api burst=10',
    ]);
  });

  it('keeps to the order of blocks and rules where the order decides, and only there', () => {
    const pattern = (...names: string[]): string => names.map((name) => `location ~ ${name} { }`).join(' ');
    expect(diff(`server { ${pattern('a', 'b')} }`, `server { ${pattern('b', 'a')} }`)).toEqual([
      'server listen  | location ~ b | location ~ b | order',
    ]);
    expect(diff('location /a { } location /b { }', 'location /b { } location /a { }')).toEqual([]);
    expect(diff('allow 10.0.0.1; deny all;', 'deny all; allow 10.0.0.1;')).toEqual([
      ' | allow 10.0.0.1 | deny all | order',
    ]);
    expect(diff('map $a $b { ~x 1; ~y 2; }', 'map $a $b { ~y 2; ~x 1; }')).toEqual([
      'map $a $b | ~x 1 | ~y 2 | order',
    ]);
  });
});

describe('expandConf', () => {
  const files: Readonly<Record<string, string>> = {
    'conf.d/a.conf': 'server { listen 1; }',
    'conf.d/b.conf': 'server { listen 2 }',
    'loop.conf': 'include loop.conf;',
  };
  const read = (pattern: string) => {
    const found = Object.entries(files).filter(([path]) => matchesInclude(pattern, path));
    return found.length === 0 ? undefined : found.map(([path, text]) => ({ path, text }));
  };

  it('puts the files of an include in its place, with their names at what they say', () => {
    const conf = expandConf('http { include conf.d/*.conf; include /etc/nginx/mime.types; }', read);
    expect(conf.directives[0]?.block?.map(({ name, file }) => [name, file])).toEqual([
      ['server', 'conf.d/a.conf'],
      ['server', 'conf.d/b.conf'],
      ['include', undefined],
    ]);
    expect(conf.included).toEqual(['conf.d/a.conf', 'conf.d/b.conf']);
    expect(conf.unread).toEqual([]);
    expect(conf.problems).toEqual([{ line: 1, problem: 'listen: no ; before the }', file: 'conf.d/b.conf' }]);
  });

  it('says which includes it could not read, and ends with one that includes itself', () => {
    const conf = expandConf('include other/*;\ninclude loop.conf;', read);
    expect(conf.unread.map(({ args, line }) => [args, line])).toEqual([[['other/*'], 1]]);
    expect(conf.problems).toEqual([{ line: 1, problem: 'loop.conf includes itself', file: 'loop.conf' }]);
  });
});

describe('filesOfDump', () => {
  it('takes what nginx -T printed apart into its files', () => {
    const text = `nginx: the configuration file /etc/nginx/nginx.conf syntax is ok
# configuration file /etc/nginx/nginx.conf:
events { }
# configuration file /etc/nginx/conf.d/x.conf:
a 1;
`;
    expect([...(filesOfDump(text) ?? [])]).toEqual([
      ['/etc/nginx/nginx.conf', 'events { }'],
      ['/etc/nginx/conf.d/x.conf', 'a 1;\n'],
    ]);
    expect(filesOfDump('events { }')).toBeUndefined();
  });
});
