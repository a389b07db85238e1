import { type ConfDirective, directivesNamed } from '../nginx-conf/directive.js';
import type { ExpandedConf } from '../nginx-conf/expand.js';
import type { RowId } from './checklist.js';
import { type Fact, NOTHING, type SideFacts } from './facts.js';

/** What SRS and nginx take where nothing is written. */
const SRS_MAX_CONNECTIONS = 1000;
const NGINX_WORKER_CONNECTIONS = 512;

/** What the checklist asks of srs.conf. */
export function srsConfFacts(conf: ExpandedConf): SideFacts {
  return {
    facts: {
      'srs-config': { value: sizeText(conf), from: 'srs-conf' },
      ...number('srs-max-connections', conf, 'max_connections', SRS_MAX_CONNECTIONS, 'srs-conf'),
    },
    confs: { 'srs-config': conf },
    notes: unreadNotes('srs-config', conf),
  };
}

/** What the checklist asks of nginx's configuration. */
export function nginxConfFacts(conf: ExpandedConf): SideFacts {
  return {
    facts: {
      'nginx-config': { value: sizeText(conf), from: 'nginx-conf' },
      ...number(
        'nginx-worker-connections',
        conf,
        'worker_connections',
        NGINX_WORKER_CONNECTIONS,
        'nginx-conf',
      ),
      ...rates(conf),
    },
    confs: { 'nginx-config': conf },
    notes: unreadNotes('nginx-config', conf),
  };
}

/** The directives that limit requests and connections, with the blocks that they stand in. */
export function limitsOnly(directives: readonly ConfDirective[]): ConfDirective[] {
  return directives.flatMap((directive) => {
    if (directive.block === undefined) return /^limit_(?:req|conn)/.test(directive.name) ? [directive] : [];
    const block = limitsOnly(directive.block);
    // A server is found again by what it listens to.
    const listens =
      directive.name === 'server' ? directive.block.filter(({ name }) => name === 'listen') : [];
    return block.length === 0 ? [] : [{ ...directive, block: [...listens, ...block] }];
  });
}

function number(
  row: RowId,
  conf: ExpandedConf,
  name: string,
  usual: number,
  from: string,
): Partial<Record<RowId, Fact>> {
  const value = directivesNamed(conf.directives, name).at(-1)?.args[0];
  if (value !== undefined) return { [row]: { value, from } };
  // It may stand in a file that could not be read.
  if (conf.unread.length > 0) return {};
  return { [row]: { value: `${usual} (not written: the default)`, from } };
}

function rates(conf: ExpandedConf): Partial<Record<RowId, Fact>> {
  const zones = directivesNamed(conf.directives, 'limit_req_zone').flatMap(({ args }) => {
    const zone = argOf(args, 'zone')?.replace(/:.*/, '');
    const rate = argOf(args, 'rate');
    return zone === undefined || rate === undefined ? [] : [`${zone} ${rate}`];
  });
  if (zones.length === 0 && conf.unread.length > 0) return {};
  return { 'nginx-rate-limits': { value: zones.sort().join(', ') || 'none', from: 'nginx-conf' } };
}

function argOf(args: readonly string[], name: string): string | undefined {
  return args.find((arg) => arg.startsWith(`${name}=`))?.slice(name.length + 1);
}

function sizeText({ directives, included }: ExpandedConf): string {
  const count = directives.length === 1 ? '1 directive' : `${directives.length} directives`;
  const files = included.length === 0 ? '' : `, ${included.length} files included`;
  return `${count} outside of blocks${files}`;
}

function unreadNotes(row: RowId, { unread, problems }: ExpandedConf): SideFacts['notes'] {
  const place = ({ line, file }: { readonly line: number; readonly file?: string }): string =>
    file === undefined ? `line ${line}` : `${file}:${line}`;
  return [
    ...unread.map((each) => ({
      row,
      text: `${place(each)}: include ${each.args.join(' ')} is not here to be read`,
    })),
    ...problems.slice(0, 5).map((each) => ({ row, text: `${place(each)}: ${each.problem}` })),
  ];
}

/** Facts of several sources of one side; a later one wins. */
export function joined(parts: readonly SideFacts[]): SideFacts {
  return parts.reduce(
    (all, each) => ({
      facts: { ...all.facts, ...each.facts },
      confs: { ...all.confs, ...each.confs },
      notes: [...all.notes, ...each.notes],
    }),
    NOTHING,
  );
}
