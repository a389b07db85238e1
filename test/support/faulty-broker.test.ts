import { test } from 'vitest';
import { FaultyBroker } from './faulty-broker.js';
import { LINK_SUITE } from './link-suite.js';
import { VirtualClock } from './virtual-clock.js';

test.each(Object.entries(LINK_SUITE))('the broker in memory: %s', async (_name, check) => {
  const clock = new VirtualClock();
  const broker = new FaultyBroker(clock);
  await check({ here: broker.link(), there: broker.link(), pass: (ms) => clock.run(ms) });
});
