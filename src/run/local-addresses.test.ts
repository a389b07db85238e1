import { describe, expect, it } from 'vitest';
import { ConfigError } from '../errors.js';
import { checkLocalAddresses } from './local-addresses.js';

const problemsOf = async (addresses: readonly string[]): Promise<readonly string[]> => {
  try {
    await checkLocalAddresses(addresses);
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.issues.map(({ problem, seen }) => `${seen ?? ''} ${problem}`);
  }
};

describe('checkLocalAddresses', () => {
  it('takes any address of loopback', async () => {
    expect(await problemsOf(['127.0.0.1', '127.0.0.31', '127.1.2.3'])).toEqual([]);
  });

  // 203.0.113.0/24 belongs to no machine (RFC 5737)
  it('names what is no address of this machine', async () => {
    expect(await problemsOf(['127.0.0.1', '203.0.113.7'])).toEqual([
      '203.0.113.7 not an address of this machine',
    ]);
  });

  it('names a few of many', async () => {
    const many = Array.from({ length: 100 }, (_, i) => `203.0.113.${i + 1}`);
    const problems = await problemsOf(many);
    expect(problems).toHaveLength(6);
    expect(problems.at(-1)).toBe(' and 95 more of the same kind');
  });
});
