/** How two values of a row are held against each other. */
export type Comparison = 'version' | 'number' | 'bytes' | 'text' | 'list' | 'conf';

/** One row of the checklist (strategy 4.1): data that is read, asked and printed. */
export interface ChecklistRow {
  readonly component: string;
  /** Where the strategy writes it. */
  readonly section: string;
  /** What the strategy says production has; absent = it gives no value. */
  readonly written?: string;
  readonly comparison: Comparison;
  /** What of the sources can tell it, in words. */
  readonly readFrom: string;
  /** Asked of a person where no source tells it. */
  readonly question: string;
  /** What answers the question; to be run on each of the two systems. */
  readonly command: string;
  /** The strategy lets a difference stand that is written down with its reason. */
  readonly mayBeDocumented?: true;
}

/** Every row, in the strategy's order; what a row of it holds beside a version is a row of its own. */
export const CHECKLIST = {
  'srs-version': {
    component: 'SRS version',
    section: '4.1',
    written: 'v6 (ossrs/srs:6)',
    comparison: 'version',
    readFrom: 'srs-api, collect, compose',
    question: 'Which version of SRS runs?',
    command: 'docker images --digests ossrs/srs; curl -s http://127.0.0.1:1985/api/v1/versions',
  },
  'srs-config': {
    component: 'SRS configuration',
    section: '4.1',
    written: '4 threads, gop_cache on, hls_fragment 1 s',
    comparison: 'conf',
    readFrom: 'srs-conf of both sides',
    question: 'Is srs.conf the same? A checksum of what the container reads:',
    command: 'docker exec SRS sha256sum /usr/local/srs/conf/srs.conf',
  },
  'srs-max-connections': {
    component: 'SRS max_connections',
    section: '4.1',
    written: '5000',
    comparison: 'number',
    readFrom: 'srs-conf',
    question: 'What is max_connections of SRS?',
    command: 'docker exec SRS grep max_connections /usr/local/srs/conf/srs.conf',
  },
  'nginx-config': {
    component: 'nginx configuration',
    section: '4.1',
    comparison: 'conf',
    readFrom: 'nginx-conf of both sides',
    question: 'Is the configuration that nginx runs with the same? A checksum of all of it:',
    command: 'docker exec NGINX nginx -T 2>/dev/null | sha256sum',
  },
  'nginx-worker-connections': {
    component: 'nginx worker_connections',
    section: '4.1',
    written: '2048',
    comparison: 'number',
    readFrom: 'nginx-conf',
    question: 'What is worker_connections of nginx?',
    command: 'docker exec NGINX nginx -T | grep worker_connections',
  },
  'nginx-rate-limits': {
    component: 'nginx rate limits',
    section: '4.1',
    written: 'api 30r/s, auth 5r/s',
    comparison: 'list',
    readFrom: 'nginx-conf',
    question: 'Which rates limit requests? As "api 30r/s, auth 5r/s"; "none" where there are none.',
    command: "docker exec NGINX nginx -T | grep -E 'limit_(req|conn)'",
  },
  'postgres-version': {
    component: 'PostgreSQL version',
    section: '4.1',
    written: '16-alpine',
    comparison: 'version',
    readFrom: 'collect, compose',
    question: 'Which PostgreSQL runs?',
    command: 'docker images --digests postgres; psql -c "SHOW server_version"',
  },
  'postgres-max-connections': {
    component: 'PostgreSQL max_connections',
    section: '4.1 (limits)',
    comparison: 'number',
    readFrom: 'collect, compose (command)',
    question: 'How many connections does PostgreSQL take?',
    command: 'psql -c "SHOW max_connections"',
  },
  'redis-version': {
    component: 'Redis version',
    section: '4.1',
    written: '7-alpine',
    comparison: 'version',
    readFrom: 'collect, compose',
    question: 'Which Redis runs?',
    command: 'docker images --digests redis; redis-cli INFO server | grep redis_version',
  },
  'redis-maxmemory': {
    component: 'Redis maxmemory',
    section: '4.1',
    written: '256MB',
    comparison: 'bytes',
    readFrom: 'collect, compose (command)',
    question: 'How much memory may Redis take?',
    command: 'redis-cli CONFIG GET maxmemory',
  },
  'redis-maxmemory-policy': {
    component: 'Redis maxmemory-policy',
    section: '4.1 (limits)',
    comparison: 'text',
    readFrom: 'collect, compose (command)',
    question: 'What does Redis throw away when its memory is full?',
    command: 'redis-cli CONFIG GET maxmemory-policy',
  },
  'node-version': {
    component: 'Node.js version of the backend',
    section: '4.1',
    written: 'as its Dockerfile says',
    comparison: 'version',
    readFrom: 'dockerfile',
    question: 'Which Node.js runs the backend?',
    command: 'docker exec BACKEND node -v',
  },
  images: {
    component: 'Other images',
    section: '4.1',
    comparison: 'list',
    readFrom: 'compose',
    question: 'Which images run beside SRS, PostgreSQL and Redis?',
    command: "docker ps --format '{{.Image}}' | sort -u",
  },
  'docker-network': {
    component: 'Network (Docker)',
    section: '4.1',
    written: 'bridge (live-commerce-network)',
    comparison: 'list',
    readFrom: 'compose',
    question: 'Which networks do the containers share? As "NAME (DRIVER)".',
    command: "docker network ls --format '{{.Name}} ({{.Driver}})'",
  },
  'container-limits': {
    component: 'Limits of the containers',
    section: '4.1, 4.2',
    comparison: 'list',
    readFrom: 'compose',
    question: 'How many CPUs and how much memory may each container take? "none" where there is no limit.',
    command: "docker inspect -f '{{.Name}} {{.HostConfig.NanoCpus}} {{.HostConfig.Memory}}' $(docker ps -q)",
    mayBeDocumented: true,
  },
  ecs: {
    component: 'ECS Fargate',
    section: '4.1, 4.2',
    written: '2 vCPU / 4 GB RAM',
    comparison: 'text',
    readFrom: 'nothing: asked of a person',
    question:
      'How many vCPUs and how much memory does the task (or the machine) have? As "2 vCPU / 4 GB RAM".',
    command: 'the CDK stack (cpu, memoryLimitMiB); where there is no ECS: nproc; free -g',
    mayBeDocumented: true,
  },
} as const satisfies Readonly<Record<string, ChecklistRow>>;

export type RowId = keyof typeof CHECKLIST;

export const ROW_IDS = Object.keys(CHECKLIST) as readonly RowId[];

/** The rows as code that goes through all of them sees them. */
export function rowOf(id: RowId): ChecklistRow {
  return CHECKLIST[id];
}

export const SIDES = ['production', 'staging'] as const;
export type Side = (typeof SIDES)[number];
