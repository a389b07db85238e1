import { describe, expect, it } from 'vitest';
import { type ConfDirective, directivesNamed, walkConf } from './directive.js';
import { parseConf } from './parse.js';

/** Directives as text again, for a look at their shape. */
function shape(directives: readonly ConfDirective[]): string {
  return directives
    .map(({ name, args, block }) =>
      block === undefined ? `${[name, ...args].join('|')};` : `${[name, ...args].join('|')}{${shape(block)}}`,
    )
    .join('');
}

const SRS = `# SRS
listen              1935;
max_connections     5000;
vhost __defaultVhost__ {
    play {
        gop_cache       on;   # for the quick start
        mw_latency      0;
    }
    hls { enabled on; hls_fragment 1; }
}
`;

describe('parseConf', () => {
  it('reads blocks in blocks, without comments and white space', () => {
    const { directives, problems } = parseConf(SRS);
    expect(shape(directives)).toBe(
      'listen|1935;max_connections|5000;vhost|__defaultVhost__{play{gop_cache|on;mw_latency|0;}hls{enabled|on;hls_fragment|1;}}',
    );
    expect(problems).toEqual([]);
  });

  it('tells the line where each name stands, past comments, quotes and lines of Windows', () => {
    const { directives } = parseConf('\uFEFFa 1;\r\n# b\r\nc "x\r\ny";\r\nd {\r\n  e;\r\n}\r\n');
    expect([...walkConf(directives)].map(({ directive }) => [directive.name, directive.line])).toEqual([
      ['a', 1],
      ['c', 3],
      ['d', 5],
      ['e', 6],
    ]);
  });

  it('takes quotes off and knows their escapes', () => {
    const { directives } = parseConf(`log_format main '$remote_addr "\\'$request\\'" \\d' "a;b{c}#d";`);
    expect(directives[0]?.args).toEqual(['main', `$remote_addr "'$request'" \\d`, 'a;b{c}#d']);
  });

  it('keeps a variable in braces, a sign inside a word and a guarded sign in the word', () => {
    const { directives, problems } = parseConf(
      `proxy_pass http://\${up}/x#y; rewrite ^/a\\\\;b$ "/c"; set $x \${a}b;`,
    );
    expect(shape(directives)).toBe(`proxy_pass|http://\${up}/x#y;rewrite|^/a\\\\;b$|/c;set|$x|\${a}b;`);
    expect(problems).toEqual([]);
  });

  it('does not take a block of Lua apart', () => {
    const { directives, problems } = parseConf('a {\n content_by_lua_block { local t = { 1 };\n }\n b;\n}');
    expect(shape(directives)).toBe('a{content_by_lua_block|local t = { 1 };;b;}');
    expect([...walkConf(directives)].at(-1)?.directive.line).toBe(4);
    expect(problems).toEqual([]);
  });

  it('tells every slip with its line and reads on', () => {
    const { directives, problems } = parseConf('a {\n  b 1\n}\n}\n;\nc 2;\nd {\n e "f;\n', 'x.conf');
    expect(problems).toEqual([
      { line: 2, problem: 'b: no ; before the }', file: 'x.conf' },
      { line: 4, problem: 'a } without a {', file: 'x.conf' },
      { line: 5, problem: 'a ; without a directive', file: 'x.conf' },
      { line: 8, problem: 'a quote that is not closed', file: 'x.conf' },
      { line: 8, problem: 'e: no ; before the end', file: 'x.conf' },
      { line: 7, problem: 'd {: not closed', file: 'x.conf' },
    ]);
    expect(shape(directives)).toBe('a{b|1;}c|2;d{e|f;\n;}');
    expect(directives[1]).toEqual({ name: 'c', args: ['2'], line: 6, file: 'x.conf' });
  });

  it('gives up on blocks without end instead of on the process', () => {
    const { problems } = parseConf('a {'.repeat(100_000));
    expect(problems[0]?.problem).toContain('more than 64 deep');
  });

  it('reads what is not a configuration at all as words', () => {
    expect(parseConf('').directives).toEqual([]);
    expect(parseConf('{"a": [1, 2]}').problems.length).toBeGreaterThan(0);
    expect(parseConf('\\').directives).toEqual([{ name: '\\', args: [], line: 1 }]);
  });

  it('reads a text of more than a megabyte whole', () => {
    const block = 'server { listen 80; server_name "a b"; location / { return 200; } } # c\n';
    expect(parseConf(block.repeat(20_000)).directives).toHaveLength(20_000);
  });
});

describe('directivesNamed', () => {
  it('finds a directive however deep it stands', () => {
    const found = directivesNamed(parseConf(SRS).directives, 'mw_latency');
    expect(found.map(({ args, line }) => [args, line])).toEqual([[['0'], 7]]);
  });
});
