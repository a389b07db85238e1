import type { TraceLine } from './line.js';

export interface TimelinePage {
  readonly vu: number;
  /** By time. */
  readonly lines: readonly TraceLine[];
  /** Lines of the file that could not be read. */
  readonly unreadable: number;
  /** The page's own code and looks. */
  readonly script: string;
  readonly style: string;
}

/**
 * The timeline of one viewer as one HTML file that needs nothing else: no other file, no network. What the platform
 * and other viewers wrote stands in it as JSON in which nothing can end the element it is in, and is shown as text
 * only; the page's policy forbids it to load anything.
 */
export function timelinePage({ vu, lines, unreadable, script, style }: TimelinePage): string {
  const data = jsonForHtml({ vu, unreadable, lines });
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Viewer ${vu}: what it saw</title>
<style>
${style}
</style>
</head>
<body>
<noscript>This page draws itself with JavaScript, which is off here.</noscript>
<script type="application/json" id="trace">${data}</script>
<script>
${script}
</script>
</body>
</html>
`;
}

/** JSON that may stand inside of a script element: `<` ends nothing, and no line ends but ours. */
export function jsonForHtml(value: unknown): string {
  return JSON.stringify(value)
    .replaceAll('<', '\\u003c')
    .replaceAll('>', '\\u003e')
    .replaceAll('&', '\\u0026')
    .replaceAll('\u2028', '\\u2028')
    .replaceAll('\u2029', '\\u2029');
}
