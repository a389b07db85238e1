import { expect, type TestContext, test } from 'vitest';
import { needs, programPath, type ServiceName, servicesRequired, serviceVersion } from './available.js';

test('a service is required on a build server and when asked for, else optional', () => {
  expect(servicesRequired({ CI: 'true' })).toBe(true);
  expect(servicesRequired({ DORAMI_TEST_REQUIRE_SERVICES: '1' })).toBe(true);
  expect(servicesRequired({})).toBe(false);
});

test('a program that is not installed has no path and no version', () => {
  expect(programPath('no-such-program-anywhere')).toBeUndefined();
  expect(serviceVersion('no-such-service' as ServiceName)).toBeUndefined();
});

test('a missing service fails a test where services are required', () => {
  expect(withEnvironment({ CI: 'true' }, missing)).toThrow(/is not installed/);
});

test('a missing service skips a test with the reason elsewhere', () => {
  const skipped: string[] = [];
  const note = (reason: string): void => void skipped.push(reason);
  withEnvironment({ CI: undefined, DORAMI_TEST_REQUIRE_SERVICES: undefined }, () => missing(note))();
  expect(skipped).toEqual([expect.stringMatching(/no-such-service is not installed/)]);
});

function missing(skip: (reason: string) => void = () => {}): void {
  const context = { skip, task: { meta: {} } } as unknown as TestContext;
  needs(context, 'no-such-service' as ServiceName);
}

function withEnvironment(values: Readonly<Record<string, string | undefined>>, act: () => void): () => void {
  return () => {
    const before = { ...process.env };
    try {
      for (const [name, value] of Object.entries(values)) {
        if (value === undefined) delete process.env[name];
        else process.env[name] = value;
      }
      act();
    } finally {
      process.env = before;
    }
  };
}
