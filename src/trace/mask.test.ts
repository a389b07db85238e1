import { describe, expect, it } from 'vitest';
import { Mask } from './mask.js';

const KEY = 'stream key/ü';
const mask = () => new Mask(KEY);

describe('the mask of a trace', () => {
  it('hides the stream key as it is and as it stands in a URL', () => {
    const masked = mask().url(`http://h/live/${encodeURIComponent(KEY)}-12.ts?x=1`);
    expect(masked).toBe('http://h/live/***-12.ts?x=***');
    expect(mask().text(`room live:${KEY}`)).toBe('room live:***');
  });

  it('shows the names of a query, and none of its values', () => {
    expect(mask().url('https://h:8443/a.m3u8?hls_ctx=abc&v=1&v=2&sig=x#frag')).toBe(
      'https://h:8443/a.m3u8?hls_ctx=***&v=***&sig=***',
    );
    expect(mask().url('seg-1.ts?token=abc')).toBe('seg-1.ts');
  });

  it('hides a part of a path that looks drawn by lot, and leaves ids that people read', () => {
    const url = `http://h/api/orders/1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed/${'aB3_'.repeat(12)}`;
    expect(mask().url(url)).toBe('http://h/api/orders/1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed/***');
  });

  it.each([
    ['a Cookie header', { cookie: 'accessToken=first-secret; theme=dark' }],
    ['a Set-Cookie header', { 'set-cookie': ['first-secret=x; Path=/', 'a=first-secret; HttpOnly'] }],
    ['an Authorization header', { authorization: 'Bearer first-secret' }],
    ['a CSRF header', { 'x-csrf-token': 'first-secret' }],
  ])('learns what %s carries and hides it from then on', (_, headers) => {
    const learned = mask();
    learned.learnHeaders(headers);
    expect(learned.text('it says first-secret twice: first-secret')).toBe('it says *** twice: ***');
    expect(learned.payload({ note: ['first-secret'] })).toBe('{"note":["***"]}');
  });

  it('hides by their names the fields of a payload that are secrets or say who somebody is', () => {
    const payload = {
      ...{ accessToken: 'a1', csrf_token: 'b2', password: 'c3', email: 'd4@x', sid: 'e5', session_id: 'f6' },
      data: { streamKey: 'g7', phoneNumber: 'h8', message: 'hello' },
    };
    const shown = mask().payload(payload) ?? '';
    for (const secret of ['a1', 'b2', 'c3', 'd4', 'e5', 'f6', 'g7', 'h8'])
      expect(shown).not.toContain(secret);
    expect(shown).toContain('"message":"hello"');
  });

  it('hides a token that is nobody we know, wherever it stands', () => {
    const jwt = `eyJ${'a'.repeat(30)}.eyJ${'b'.repeat(30)}.sig`;
    expect(mask().payload({ message: `look ${jwt}` })).toBe('{"message":"look ***"}');
  });

  it('never shows half of a secret where a text is cut', () => {
    const secret = 's3cr3t-'.repeat(400);
    const learned = mask();
    learned.learn(secret);
    for (let before = 0; before < 600; before += 37) {
      expect(learned.payload({ text: `${'x'.repeat(before)}${secret}` })).not.toContain('s3cr3t');
    }
  });

  it('shows little of a payload that is large or deep, at little cost', () => {
    const history = Array.from({ length: 100_000 }, (_, i) => ({ id: i, text: 'y'.repeat(50) }));
    const shown = mask().payload({ history }) ?? '';
    expect(shown.length).toBeLessThanOrEqual(240);
    expect(shown).toMatch(/^\{"history":\[/);
    let deep: unknown = 1;
    for (let i = 0; i < 10_000; i++) deep = [deep];
    expect(mask().payload(deep)).toBe('[[[[…]]]]');
  });

  it('keeps the newest of many tokens, and forgets no stream key', () => {
    const learned = mask();
    for (let i = 0; i < 1000; i++) learned.learn(`token-number-${i}-`);
    expect(learned.text('token-number-999-')).toBe('***');
    expect(learned.text(KEY)).toBe('***');
  });
});
