import { expect, test } from 'vitest';
import type { ConfigIssue } from '../errors.js';
import { createAllowList } from '../net/allow-list.js';
import { type FaultControls, resolveControls } from './fault-controls.js';

function resolved(stage?: string, publisher?: string): { controls: FaultControls; issues: ConfigIssue[] } {
  const issues: ConfigIssue[] = [];
  const flags = {
    ...(stage === undefined ? {} : { 'stage-control': stage }),
    ...(publisher === undefined ? {} : { 'publisher-control': publisher }),
  };
  return { controls: resolveControls(flags, createAllowList(['studio.example']), issues), issues };
}

test('without a flag there are no controls', () => {
  expect(resolved()).toEqual({ controls: {}, issues: [] });
});

test('controls of this machine, or of a host that may be loaded, are taken', () => {
  expect(resolved('http://127.0.0.1:9000', 'http://localhost:9001')).toEqual({
    controls: { stageUrl: 'http://127.0.0.1:9000', publisherUrl: 'http://localhost:9001' },
    issues: [],
  });
  expect(resolved(undefined, 'https://studio.example:9001').controls).toEqual({
    publisherUrl: 'https://studio.example:9001',
  });
});

test('a stage’s URL may have the path that a stage prints', () => {
  expect(resolved('http://127.0.0.1:9000/__stage').controls.stageUrl).toBe('http://127.0.0.1:9000');
});

test('another host is refused by name, with the flag that allows it', () => {
  const { controls, issues } = resolved('http://other.example:1', 'http://10.0.0.7:2');
  expect(controls).toEqual({});
  expect(issues).toEqual([
    {
      path: '--stage-control',
      problem: 'other.example is not on this machine and not allowed as a target',
      wanted: '--allow-target other.example',
    },
    {
      path: '--publisher-control',
      problem: '10.0.0.7 is not on this machine and not allowed as a target',
      wanted: '--allow-target 10.0.0.7',
    },
  ]);
});

test.each(['9001', 'ftp://127.0.0.1', ''])('%j is no URL of controls', (text) => {
  const { controls, issues } = resolved(undefined, text);
  expect(controls).toEqual({});
  expect(issues).toMatchObject([{ path: '--publisher-control', problem: 'not the URL of a control API' }]);
});
