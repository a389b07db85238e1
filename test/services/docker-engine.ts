import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Container, inspectBody, listBody } from '../support/docker-bodies.js';

/** What the double does instead of sending a line of stats. */
export type StatsFault = 'endless' | 'garbage' | 'half' | 'silent' | 'cut';

/** A stand-in for a Docker Engine on a Unix domain socket: it knows the three questions that are asked, by hand. */
export class DockerEngineDouble {
  readonly path: string;
  readonly containers: Container[];
  /** By name. */
  readonly faults = new Map<string, StatsFault>();
  /** Questions are taken and never answered. */
  hangs = false;
  readonly asked: string[] = [];
  readonly #folder: string;
  readonly #server = createServer((request, response) => this.#answer(request.url ?? '', response));

  readonly #statsEveryMs: number;

  private constructor(folder: string, containers: Container[], statsEveryMs: number) {
    this.#folder = folder;
    this.#statsEveryMs = statsEveryMs;
    this.path = join(folder, 'docker.sock');
    this.containers = containers;
  }

  /** `statsEveryMs`: an engine sends a line of stats about once a second; a test does not wait for that. */
  static async start(containers: Container[], statsEveryMs = 50): Promise<DockerEngineDouble> {
    const folder = mkdtempSync(join(tmpdir(), 'dorami-docker-'));
    const double = new DockerEngineDouble(folder, containers, statsEveryMs);
    await new Promise<void>((resolve) => double.#server.listen(double.path, resolve));
    return double;
  }

  async stop(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
    rmSync(this.#folder, { recursive: true, force: true });
  }

  get openStreams(): number {
    return this.#streams.size;
  }

  readonly #streams = new Set<ServerResponse>();

  #answer(url: string, response: ServerResponse): void {
    this.asked.push(url);
    if (this.hangs) return;
    const json = (status: number, body: string): void => {
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(body);
    };
    if (url === '/containers/json?all=true') {
      json(200, listBody(this.containers));
      return;
    }
    const [, id, question] = /^\/containers\/([^/]+)\/(json|stats\?stream=true)$/.exec(url) ?? [];
    const container = this.containers.find((each) => each.id === id);
    if (container === undefined) json(404, '{"message":"No such container"}');
    else if (question === 'json') json(200, inspectBody(container));
    else this.#stream(container, response);
  }

  #stream(container: Container, response: ServerResponse): void {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.flushHeaders();
    this.#streams.add(response);
    const timer = setInterval(() => this.#send(container, response), this.#statsEveryMs);
    response.on('close', () => {
      clearInterval(timer);
      this.#streams.delete(response);
    });
  }

  #send(container: Container, response: ServerResponse): void {
    const fault = this.faults.get(container.name);
    if (fault === 'endless') response.write('x'.repeat(256 * 1024));
    else if (fault === 'garbage') response.write('<html>\n');
    else if (fault === 'half') response.write(`${container.stats().slice(0, 300)}\n`);
    else if (fault === 'cut') response.destroy();
    else if (fault === undefined) {
      const line = `${container.stats()}\n`;
      // As a socket may cut it.
      response.write(line.slice(0, 500));
      setImmediate(() => response.write(line.slice(500)));
    }
  }
}
