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
  const { resolve } = createRequire(import.meta.url);
  const own = (name: string) => read(new URL(`../../assets/report/${name}`, import.meta.url));
  const [script, style, licence, ownScript, ownStyle] = await Promise.all([
    read(resolve(`${UPLOT}uPlot.iife.min.js`)),
    read(resolve(`${UPLOT}uPlot.min.css`)),
    read(resolve('uplot/LICENSE')),
    own('report.js'),
    own('report.css'),
  ]);
  // Its banner is a link: a page that loads nothing names no address either.
  const named = script.replace(/^\/\*! https:\/\//, '/*! ');
  return { scripts: [`/*! uPlot\n${licence}*/\n${named}`, ownScript], styles: [style, ownStyle] };
}

/** A page is hashed as a browser reads it, with its line ends as `\n`. */
async function read(path: string | URL): Promise<string> {
  return (await readFile(path, 'utf8')).replace(/\r\n?/g, '\n');
}
