import { expect, it } from 'vitest';
import { controlCommand } from './control.js';

it.each([
  ['pause', undefined, { kind: 'pause' }],
  ['resume', undefined, { kind: 'resume' }],
  ['status', undefined, { kind: 'status' }],
  ['drop', undefined, { kind: 'drop', forS: 5 }],
  ['drop', '2.5', { kind: 'drop', forS: 2.5 }],
  ['new-timestamps', undefined, { kind: 'new-timestamps', atS: 0 }],
  ['new-timestamps', '95443', { kind: 'new-timestamps', atS: 95_443 }],
])('%s %s is understood', (name, value, command) => {
  expect(controlCommand(name, value)).toEqual(command);
});

it.each([
  ['pause', '5'],
  ['drop', '-1'],
  ['drop', '1e3'],
  ['drop', '3601'],
  ['drop', ''],
  ['new-timestamps', '2147484'],
  ['constructor', undefined],
  ['', undefined],
])('%s %s is not', (name, value) => {
  expect(controlCommand(name, value)).toBeUndefined();
});
