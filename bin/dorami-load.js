#!/usr/bin/env node

/** All is said and written by then; what still holds the process (a read that never returns) must not keep it. */
const LINGER_MS = 2000;
const INTERNAL = 1;

try {
  const { main } = await import('../dist/cli.js');
  process.exitCode = await main(process.argv.slice(2), process.env);
} catch (error) {
  // Not even our own code could be read: not built, or no descriptors left.
  console.error(`exit ${INTERNAL}: our own fault: ${String(error?.message ?? error).split('\n')[0]}`);
  process.exitCode = INTERNAL;
}
setTimeout(() => process.exit(), LINGER_MS).unref();
