import { ALL_LINE_KINDS, type FieldSpec } from '../trace/line-kinds.js';

/** docs/trace.md without its table of lines, which `traceDoc` adds. */
const ABOUT = `A viewer that is followed (\`--trace-vu 3,17\` of a run, or \`dorami-load trace\`) leaves three files in the folder
\`trace\` of its run:

| file | for |
| --- | --- |
| \`vu-3.timeline.html\` | a browser: everything on one time axis; one file that needs no network |
| \`vu-3.chrome.json\` | Perfetto (ui.perfetto.dev) or chrome://tracing: the same in the Trace Event Format |
| \`vu-3.ndjson\` | programs: one line of JSON for each thing that happened, as it happened |

The lines are written while the run goes. \`dorami-load timeline DIR\` makes the other two files from them once more, of a
run that was killed, too.

**What it costs.** Only the viewers that are followed have a tap on their seams; at most 20 are followed at a time.
bench/README.md has the figures.

**How large it gets.** The first 8 MB are kept, and of what follows the newest 4 to 8 MB; between them a line of kind
\`gap\` says how many lines were dropped, and from when to when. That is about an hour of a viewer in a busy chat. What
the disk does not take is counted in a line of kind \`lost\`, and the run goes on.

**What is not in it.** The stream key, tokens, cookies and every value of a query are masked, as are fields of payloads
whose names say that they are secrets or who somebody is (\`token\`, \`email\`, ...). Headers and bodies are not kept.
Chat messages and names that other people gave themselves are: treat a trace of a real platform as you treat its logs.

**Order.** A line is written when it becomes known, which may be after later ones: sort by \`atMs\`. All instants are ms
since the run's start (\`startEpochMs\` of the first line), to a tenth of a millisecond.`;

/** The document on traces, printed from the table of lines. */
export function traceDoc(
  printed: string,
  table: (head: readonly string[], rows: readonly (readonly string[])[]) => string,
): string {
  const sections = Object.entries(ALL_LINE_KINDS).map(([kind, { what, at, fields }]) => {
    const rows = Object.entries(fields).map(([name, field]) => [`\`${name}\``, typeText(field), field.what]);
    const body = rows.length > 0 ? `\n\n${table(['field', 'type', 'meaning'], rows)}` : '';
    return `### \`${kind}\`\n\n${capital(what)}. \`atMs\`: ${at}.${body}`;
  });
  return `# The story of one viewer

${printed}

${ABOUT}

## Lines

Each has \`kind\` and \`atMs\`; \`schema/trace.schema.json\` is the same as a JSON Schema of one line.

${sections.join('\n\n')}
`;
}

function typeText({ type, optional, values }: FieldSpec): string {
  const shown = values === undefined ? type : values.map((value) => `\`${value}\``).join(' ');
  return optional === true ? `${shown}, or absent` : shown;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

type Schema = Readonly<Record<string, unknown>>;

/** The JSON Schema (draft 2020-12) of one line of a trace. */
export function traceJsonSchema(): Schema {
  const kinds = Object.entries(ALL_LINE_KINDS).map(([kind, { what, fields }]) => ({
    description: what,
    type: 'object',
    properties: {
      kind: { const: kind },
      atMs: { type: 'number', description: 'ms since the start of the run' },
      ...Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, fieldSchema(field)])),
    },
    required: [
      ...['kind', 'atMs'],
      ...Object.entries(fields).flatMap(([name, { optional }]) => (optional === true ? [] : [name])),
    ],
    additionalProperties: false,
  }));
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'One line of the trace of a viewer',
    oneOf: kinds,
  };
}

function fieldSchema({ type, what, values }: FieldSpec): Schema {
  const description = what;
  if (values !== undefined) return { description, enum: values };
  if (type === 'facts') {
    return { description, type: 'object', additionalProperties: { type: ['number', 'string', 'boolean'] } };
  }
  return { description, type: { number: 'number', text: 'string', flag: 'boolean' }[type] };
}
