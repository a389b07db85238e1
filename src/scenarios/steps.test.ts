import { expect, it } from 'vitest';
import { stagesOfSteps } from './steps.js';

it('repeats the drawing: a rise and a step for each level, then all leave', () => {
  const stages = stagesOfSteps({ levels: [2, 4], riseMs: 10, holdMs: 50, drainMs: 20 });
  expect(
    stages.map((stage) => [stage.name, stage.role, stage.durationMs, stage.fromShare, stage.toShare]),
  ).toEqual([
    ['rise_1', 'ramp', 10, 0, 0.5],
    ['step_1', 'step', 50, 0.5, 0.5],
    ['rise_2', 'ramp', 10, 0.5, 1],
    ['step_2', 'step', 50, 1, 1],
    ['drain', 'drain', 20, 1, 0],
  ]);
});
