import { describe, expect, it } from 'vitest';
import { createRng } from '../rng.js';
import { IN_APP_USER_AGENTS, pickUserAgent, USER_AGENTS } from './user-agents.js';

/** By which the live page knows that it runs inside of another app (contract 4.4). */
const IN_APP = /KAKAOTALK|Instagram|FBAN|FBAV|Line\/|Twitter/i;

describe('user agents', () => {
  it('are known to the page for what they are', () => {
    for (const text of USER_AGENTS) expect(text).not.toMatch(IN_APP);
    for (const text of IN_APP_USER_AGENTS) expect(text).toMatch(IN_APP);
  });

  it('are drawn from the kind that is asked for, by one number', () => {
    for (let i = 0; i < 50; i++) {
      const rng = createRng(1, i);
      const same = createRng(1, i);
      expect(USER_AGENTS).toContain(pickUserAgent(rng));
      expect(IN_APP_USER_AGENTS).toContain(pickUserAgent(same, 'in_app'));
      expect(rng.next()).toBe(same.next());
    }
  });
});
