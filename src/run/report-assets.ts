import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { PageAssets } from '../report/html/page.js';

/** uPlot (MIT) draws the charts; it is read here as the text that goes into the page, with its licence. */
const UPLOT = 'uplot/dist/';

/**
 * Scripts and styles of `report.html`, from the installed packages.
 * @throws the file system's error when the installation is not whole
 */
export async function readAssets(): Promise<PageAssets> {
  const [charts, ownScript, ownStyle] = await Promise.all([
    readChartLibrary(),
    readOwn('report/report.js'),
    readOwn('report/report.css'),
  ]);
  return { scripts: [charts.script, ownScript], styles: [charts.style, ownStyle] };
}

/** The parts of the dashboard's script, in the order in which they need each other; they share one scope. */
const DASHBOARD_SCRIPTS = ['words', 'news', 'panels', 'strip', 'trends', 'stream', 'page'] as const;

/**
 * Scripts and styles of the dashboard's page.
 * @throws the file system's error when the installation is not whole
 */
export async function readDashboardAssets(): Promise<PageAssets> {
  const [charts, style, ...parts] = await Promise.all([
    readChartLibrary(),
    readOwn('dashboard/dashboard.css'),
    ...DASHBOARD_SCRIPTS.map((name) => readOwn(`dashboard/${name}.js`)),
  ]);
  return { scripts: [charts.script, `(() => {\n${parts.join('\n')}})();`], styles: [charts.style, style] };
}

async function readChartLibrary(): Promise<{ readonly script: string; readonly style: string }> {
  const { resolve } = createRequire(import.meta.url);
  const [script, style, licence] = await Promise.all([
    read(resolve(`${UPLOT}uPlot.iife.min.js`)),
    read(resolve(`${UPLOT}uPlot.min.css`)),
    read(resolve('uplot/LICENSE')),
  ]);
  // Its banner is a link: a page that loads nothing names no address either.
  const named = script.replace(/^\/\*! https:\/\//, '/*! ');
  return { script: `/*! uPlot\n${licence}*/\n${named}`, style };
}

function readOwn(name: string): Promise<string> {
  return read(new URL(`../../assets/${name}`, import.meta.url));
}

/** A page is hashed as a browser reads it, with its line ends as `\n`. */
async function read(path: string | URL): Promise<string> {
  return (await readFile(path, 'utf8')).replace(/\r\n?/g, '\n');
}
