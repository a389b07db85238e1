import { ROW_IDS, rowOf } from '../parity/checklist.js';

const ABOUT = `\`dorami-load parity\` fills the checklist of the strategy (4.1): is the staging platform that is loaded like production?
It reads what it can, asks a person for the rest, and holds both sides against each other, row by row. Nothing is changed on
either system.

1. **Say what can be read** (\`schema/parity-config.schema.json\`; paths are relative to the file, all of it can be left out):

\`\`\`yaml
production:
  srs-conf: production/srs.conf
  nginx-conf: production/nginx-T.txt   # what nginx -T prints; or nginx.conf with its includes beside it
  compose: [docker-compose.yml, docker-compose.prod.yml]   # later ones lie over earlier ones
  dockerfile: backend/Dockerfile       # of the backend
staging:
  srs-conf: staging/srs.conf
  nginx-conf: staging/nginx-T.txt
  compose: [docker-compose.yml, docker-compose.staging.yml]
  dockerfile: backend/Dockerfile
  srs-api: http://127.0.0.1:1985       # loopback; any other host needs --allow-target
  collect: sources.yaml                # of dorami-load collect: its Redis, PostgreSQL and SRS are asked
\`\`\`

2. \`dorami-load parity --config parity.yaml --init\` writes \`parity-answers.yaml\`: every question that is open, with the
   command that answers it, for both sides. An existing file is left alone.
3. \`dorami-load parity --config parity.yaml --answers parity-answers.yaml\` compares, and writes \`parity.json\`
   (\`schema/parity.schema.json\`).
4. \`dorami-load --target ... --parity parity.json\` keeps it with the run: the report has a section, the summary a note when a
   row differs, \`readiness\` names each row that differs or is open, and decides nothing by it: the strategy's criteria for a release have
   no such row, and a difference says that a result may not hold for production, not that the platform failed. Whoever releases
   reads it; a script can ask \`parity\` itself, which ends with 118. \`report DIR --parity parity.json\` shows it for a run that has none.

**Configurations are compared by meaning**: comments, white space, quotes and the order of settings do not count; blocks are
found again by their names (a server by what it listens to and its names, or where those differ by what it listens to), and
their order counts where nginx goes by it: servers, locations by pattern, conditions, \`allow\`/\`deny\`, steps of
rewriting. Includes are put in place, from the dump or from the folder of the file; one that cannot be read leaves its row
open. An include that takes a whole folder takes what lies there, which may be more than the container has: the output of
\`nginx -T\` on the machine itself is the surest.

**Versions** are compared as far as both sides tell them (\`ossrs/srs:6\` and \`6.0.157\` are alike, with a note); two images are
compared by their whole names. Variables in compose files count by their defaults; one without leaves its row open.

**A row differs** when both sides are known and not alike. **Documented** is a difference with a reason in the answers, for rows
where the strategy lets one stand. **Open** is what is known of one side or none: it is never taken for the same. Where a side is
not as the strategy itself writes it, a note says so and decides nothing: then the strategy may be out of date.

**Redis and PostgreSQL** that \`collect\` of a side names are asked as they are: one \`INFO\`, and one statement of a session that can only read,
for versions and limits. What they say counts before what a compose file says of them, for a container may be older than its file. One
that does not answer is a note, and the row stays with what else is known.

What was read counts before what was answered. Values of what is called a secret are compared and shown as \`***\`.

Exit codes: 0 all rows alike (or documented), 118 a row differs, 119 none differs and a question is open.
`;

/** docs/parity.md: the command and every row of its checklist. */
export function parityDoc(
  printed: string,
  table: (head: readonly string[], rows: readonly (readonly string[])[]) => string,
): string {
  const rows = ROW_IDS.map((id) => {
    const { component, section, written = '', readFrom, question, command } = rowOf(id);
    return [
      `\`${id}\``,
      component,
      section,
      written,
      readFrom,
      `${question} \`${command.replaceAll('|', '\\|')}\``,
    ];
  });
  return `# Parity with production

${printed}

${ABOUT}
## The checklist

${table(['id', 'row', 'section', 'the strategy writes', 'read from', 'else asked'], rows)}
`;
}
