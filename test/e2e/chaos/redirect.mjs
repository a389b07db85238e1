// Loaded into every thread by `node --import`: threads of viewers are replaced by ones that say recorded things, and
// what a box writes to its outbox is written down beside it, by code that shares nothing with what is tested.
import { register } from 'node:module';

const hooks = `
const HERE = ${JSON.stringify(import.meta.url)};
const INSTEAD = [
  ['/dist/run/worker-pool.js', 'fake-pool.mjs'],
  ['/dist/cluster/ring-files.js', 'ledger-ring.mjs'],
];
export async function resolve(specifier, context, next) {
  const found = await next(specifier, context);
  for (const [end, name] of INSTEAD)
    if (found.url.endsWith(end) && !found.url.includes('/node_modules/')) return { ...found, url: new URL(name + '?real=' + encodeURIComponent(found.url), HERE).href };
  return found;
}
`;
register(`data:text/javascript,${encodeURIComponent(hooks)}`);
