import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ConfigIssue, formatIssue } from '../errors.js';
import { fileLayer } from './file-layer.js';
import { list, text, toggle } from './flag-spec.js';

const ROWS = {
  vus: text('', ''),
  mix: text('', '', { pairs: true }),
  rate: list('', '', { pairs: true }),
  hosts: list('', ''),
  quiet: toggle('', ''),
  key: text('', '', { secret: true }),
  plan: toggle('', '', { notIn: ['file', 'env'] }),
};

function read(content: string, path = 'f.yaml'): { values: object; origins: object; issues: string[] } {
  const issues: ConfigIssue[] = [];
  const layer = fileLayer(path, content, ROWS, issues);
  return { ...layer, issues: issues.map(formatIssue) };
}

describe('fileLayer', () => {
  it('reads values as they were written, with the line where each stands', () => {
    const { values, origins, issues } = read('# a comment\nvus: 007\n\nquiet: true\nhosts: [a, 1.50]\n');
    expect(values).toEqual({ vus: '007', quiet: true, hosts: ['a', '1.50'] });
    expect(origins).toMatchObject({ vus: { kind: 'file', path: 'f.yaml', line: 2 }, quiet: { line: 4 } });
    expect(issues).toEqual([]);
  });

  it('reads pairs from a mapping, as text and as list', () => {
    expect(read('mix: { hls: 70, flv: 30 }\nrate:\n  chat: 30s\n  products: 5s\n').values).toEqual({
      mix: 'hls=70,flv=30',
      rate: ['chat=30s', 'products=5s'],
    });
    expect(read('mix: hls=1\nrate: [chat=30s]').values).toEqual({ mix: 'hls=1', rate: ['chat=30s'] });
  });

  it('reads JSON, and lets it name its schema', () => {
    const json = '{ "$schema": "x.json", "vus": 5, "quiet": false, "hosts": ["a"] }';
    expect(read(json, 'f.json')).toMatchObject({
      values: { vus: '5', quiet: false, hosts: ['a'] },
      issues: [],
    });
  });

  it.each(['', '# nothing but a comment\n', '---\n', 'null'])('takes %j for an empty file', (content) => {
    expect(read(content)).toEqual({ values: {}, origins: {}, issues: [] });
  });

  it('reports every problem at once, each with its line, what was seen and what is wanted', () => {
    const content =
      'vsu: 4\nquiet: yes\nvus: [a]\nhosts: a\nmix: { hls: [1] }\nkey: hunter2\nplan: true\nrate:\n';
    const { values, issues } = read(content);
    expect(issues).toEqual([
      'f.yaml:1: vsu: no such key, did you mean vus?',
      'f.yaml:2: quiet: cannot be used (seen yes, wanted true or false)',
      'f.yaml:3: vus: cannot be used (seen a list, wanted a text or a number)',
      'f.yaml:4: hosts: cannot be used (seen a, wanted a list of single values)',
      'f.yaml:5: mix: cannot be used (seen a mapping, wanted a text or a number, or a mapping)',
      'f.yaml:6: key: is a secret and does not belong in a file (wanted DORAMI_LOAD_KEY or --key)',
      'f.yaml:7: plan: cannot be set in a file (wanted the flag --plan)',
      'f.yaml:8: rate: cannot be used (seen nothing, wanted a list of single values, or a mapping)',
    ]);
    expect(JSON.stringify(issues)).not.toContain('hunter2');
    expect(values).toEqual({ key: 'hunter2' }); // so that nobody is told as well that it is missing
  });

  it('knows names that every object has for what they are: no keys', () => {
    expect(read('constructor: 1\n__proto__: 2\ntoString: 3\n').issues).toHaveLength(3);
  });

  it.each([
    ['vus: [1,\nquiet: true\n', 'f.yaml:2:'],
    ['vus: 1\nvus: 2\n', 'f.yaml:2:1: Map keys must be unique'],
    ['vus: "1\n', 'f.yaml:'],
    ['\tvus: 1\n', 'f.yaml:1:'],
    ['- vus\n', 'f.yaml: not a mapping'],
    ['just words', 'f.yaml: not a mapping'],
    ['vus: 1\n---\nvus: 2\n', 'f.yaml:'],
    ['vus: !!binary aGk=\n', 'f.yaml:1'],
    ['? [a, b]\n: 1\n', 'f.yaml:1:3: not the name of a setting'],
  ])('says where %j is broken', (content, words) => {
    const { values, issues } = read(content);
    expect(issues.join('\n')).toContain(words);
    expect(values).toEqual({});
  });

  it.each([
    ['{ "vus": 5, }', 'f.json:1:13: not JSON'],
    ['{ "vus": 5', 'f.json:1:11: not JSON'],
    ['{\n  // why\n}', 'f.json:2:3: not JSON'],
    ['{ "vus": 1, "vus": 2 }', 'f.json:1:13: Map keys must be unique'],
    ['[1]', 'f.json: not a mapping'],
  ])('says where the JSON %j is broken', (content, words) => {
    expect(read(content, 'f.json').issues[0]).toContain(words);
  });

  it('expands nothing: a small file stays a small value', () => {
    const bomb = ['vus: &a [x, x]', 'hosts: [*a, *a]', 'mix: *a'].join('\n');
    const { values, issues } = read(bomb);
    expect(values).toEqual({});
    expect(issues).toEqual([
      'f.yaml:1:9: anchors are not read here',
      'f.yaml:2:9: aliases are not read here',
      'f.yaml:2:13: aliases are not read here',
      'f.yaml:3:6: aliases are not read here',
    ]);
  });

  it('never throws, whatever the file holds', () => {
    const token = fc.constantFrom(
      'vus',
      'rate',
      ':',
      ' ',
      '\n',
      '- ',
      '[',
      ']',
      '{',
      '}',
      ',',
      '&a',
      '*a',
      '!!x',
      '"',
      "'",
      '|',
      '>',
      '#',
      '?',
      '%',
      '---',
      '1',
      '~',
      '\t',
      '\u0000',
    );
    const text = fc.oneof(
      fc.string(),
      fc.array(token, { maxLength: 30 }).map((tokens) => tokens.join('')),
    );
    fc.assert(
      fc.property(text, fc.constantFrom('f.yaml', 'f.json'), (content, path) => {
        const { values } = read(content, path);
        for (const key of Object.keys(values)) expect(Object.keys(ROWS)).toContain(key);
      }),
      { numRuns: 500 },
    );
  });

  it.each(['[', '{', '{a: ', '- '])('survives a file of nothing but %j', (piece) => {
    const { values, issues } = read(piece.repeat(20_000));
    expect(values).toEqual({});
    expect(issues.length).toBeGreaterThan(0);
    expect(issues.length).toBeLessThan(20);
  });
});
