import type { Parity, ParityDifference, ParityState } from './parity-schema.js';

/** `11 of 16 rows the same, 2 differ (srs-config, ecs), 3 open`. */
export function paritySentence({ rows, counts }: Parity): string {
  const named = (state: ParityState): string =>
    rows
      .filter((row) => row.state === state)
      .map(({ id }) => id)
      .join(', ');
  const parts = [
    `${counts.same} of ${rows.length} rows the same`,
    ...(counts.differs > 0
      ? [`${counts.differs} ${counts.differs === 1 ? 'differs' : 'differ'} (${named('differs')})`]
      : []),
    ...(counts.documented > 0
      ? [`${counts.documented} with a documented difference (${named('documented')})`]
      : []),
    ...(counts.open > 0 ? [`${counts.open} open (${named('open')})`] : []),
  ];
  return parts.join(', ');
}

/** `http > server x: production "limit_req zone=api" (nginx.conf:12), staging nothing`. */
export function differenceText({ where, production, staging, order }: ParityDifference): string {
  const side = (name: string, said: ParityDifference['production']): string => {
    if (said === undefined) return `${name} says nothing`;
    const place = said.file === undefined ? `line ${said.line}` : `${said.file}:${said.line}`;
    return `${name} "${said.text}" (${place})`;
  };
  const how = order === true ? 'another order: ' : '';
  return `${where === '' ? '' : `${where}: `}${how}${side('production', production)}, ${side('staging', staging)}`;
}
