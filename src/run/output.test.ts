import { expect, it } from 'vitest';
import { oneLine } from './output.js';

it('makes one harmless line of whatever somebody else wrote', () => {
  expect(oneLine('a\nb\r\nc\u001b[2Jd\u2028e')).toBe('a b c [2Jd e');
  expect(oneLine('déjà – ✓ 日本')).toBe('déjà – ✓ 日本');
});
