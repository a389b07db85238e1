// In place of the pool of threads: the same, with other threads.
const real = new URL(import.meta.url).searchParams.get('real');
const module = await import(`${real}?as=it-is`);

export const { heapMbFor } = module;

export function startWorkers(_workerUrl, ...rest) {
  return module.startWorkers(new URL('fake-worker.mjs', import.meta.url), ...rest);
}
