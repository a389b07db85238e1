import type { AlertOverrides } from '../alerts/engine.js';
import type { SystemLine } from '../collect/line.js';
import { Dashboard, type DashboardOptions } from '../dashboard/dashboard.js';
import { EventHub } from '../dashboard/event-hub.js';
import type { Glance } from '../dashboard/glance.js';
import { dashboardPage } from '../dashboard/page.js';
import { metricsPage } from '../dashboard/prometheus.js';
import { startDashboardServer } from '../dashboard/server.js';
import type { AlertEntry } from '../dashboard/state.js';
import { Tones } from '../dashboard/tones.js';
import { ConfigError } from '../errors.js';
import type { Redact } from '../redact.js';
import { readDashboardAssets } from './report-assets.js';

export interface DeskOptions {
  readonly port: number;
  /** How whoever gave the port calls it. */
  readonly portPath: string;
  readonly trends?: DashboardOptions['trends'];
  readonly redact: Redact;
  /** What the file of sources says of alerts. */
  readonly alerts?: AlertOverrides;
}

/** A dashboard that is served: looks come in, pages are told. */
export interface DashboardDesk {
  readonly url: string;
  show(glance: Glance): void;
  /** Keeps a look for the curves and sends nothing. */
  keep(glance: Glance): void;
  /** There is nothing to show yet. */
  wait(): void;
  takeLine(line: SystemLine, atMs: number): void;
  takeAlert(entry: AlertEntry): void;
  close(): Promise<void>;
}

/**
 * Begins to serve on 127.0.0.1.
 * @throws {ConfigError} when the port is taken
 */
export async function openDesk(options: DeskOptions): Promise<DashboardDesk> {
  const { port, portPath, trends, redact } = options;
  const nowMs = (): number => performance.now();
  const tones = new Tones(options.alerts);
  const dashboard = new Dashboard({ ...(trends ? { trends } : {}), nowMs, tones });
  const hub = new EventHub({
    nowMs,
    snapshot: () => {
      const snapshot = dashboard.snapshot();
      return snapshot && redact(JSON.stringify(snapshot));
    },
  });
  const page = dashboardPage(await readDashboardAssets(), tones);
  const server = await startDashboardServer(port, {
    ...{ page, hub },
    metrics: () => metricsPage(dashboard.glance, dashboard.snapshot()?.state.gate),
    health: () => ({
      ok: true,
      run: dashboard.glance?.run.id ?? null,
      state: dashboard.glance?.status.kind ?? 'waiting',
    }),
  }).catch((cause: NodeJS.ErrnoException) => {
    const problem =
      cause.code === 'EADDRINUSE'
        ? `port ${port} of 127.0.0.1 is taken`
        : `cannot listen on port ${port} of 127.0.0.1: ${cause.code ?? cause.message}`;
    throw new ConfigError([{ path: portPath, problem, wanted: 'another port, or 0 for any free one' }], {
      cause,
    });
  });
  return {
    url: `http://127.0.0.1:${server.port}/`,
    show: (glance) => hub.send(redact(JSON.stringify(dashboard.look(glance)))),
    keep: (glance) => void dashboard.look(glance),
    wait: () => hub.sendWaiting(),
    takeLine: (line, atMs) => dashboard.takeLine(line, atMs),
    takeAlert: (entry) => dashboard.takeAlert(entry),
    async close() {
      hub.end();
      await server.close();
    },
  };
}
