import { readFile } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { extname, join } from 'node:path';
import { projectRoot } from './project-root.js';

/** The players' packages, by the name under which a page loads them. */
const LIBRARIES: Readonly<Record<string, string>> = {
  'lib/hls.js': 'hls.js/dist/hls.min.js',
  'lib/hls-newest.js': 'hls.js-newest/dist/hls.min.js',
  'lib/mpegts.js': 'mpegts.js/dist/mpegts.js',
  'lib/mpegts-newest.js': 'mpegts.js-newest/dist/mpegts.js',
};
const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
};
/** Where the page's own files are: as written, and as compiled. */
const FOLDERS = ['bench/fidelity/browser', 'dist-bench/bench/fidelity/browser'];

/** Serves a library or a file of the page; `name` is what follows `/page/`. */
export function servePage(name: string, response: ServerResponse): void {
  const root = projectRoot();
  const library = LIBRARIES[name];
  const type = TYPES[extname(name)];
  const plain = /^[\w-]+(?:\/[\w-]+)*\.\w+$/.test(name);
  if (library !== undefined) send([join(root, 'node_modules', library)], 'text/javascript', response);
  else if (type === undefined || !plain) notFound(response);
  else
    send(
      FOLDERS.map((folder) => join(root, folder, name)),
      type,
      response,
    );
}

/** The first of `paths` that can be read. */
function send([path, ...others]: readonly string[], type: string, response: ServerResponse): void {
  if (path === undefined) {
    notFound(response);
    return;
  }
  readFile(path, (error, bytes) => {
    if (error) send(others, type, response);
    else response.writeHead(200, { 'content-type': type, 'cache-control': 'no-store' }).end(bytes);
  });
}

function notFound(response: ServerResponse): void {
  response.writeHead(404, { 'content-type': 'text/plain' }).end('no such file');
}
