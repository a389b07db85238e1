#!/usr/bin/env node
import { main } from '../dist/cli.js';

/** All is said and written by then; what still holds the process (a read that never returns) must not keep it. */
const LINGER_MS = 2000;

process.exitCode = await main(process.argv.slice(2), process.env);
setTimeout(() => process.exit(), LINGER_MS).unref();
