import type { HistoryEvent, KafkaRecord, OperationInvoked } from '../history/event.ts';
import { PRODUCERS } from '../history/producers.ts';
import { jobFrame } from '../history/subscriptions.ts';
import { SOCKET_SERVICE, storeUsers } from '../kernel/system.ts';
import { laneOf, type Mark } from './report-data.ts';

/** The representation of one event on the page. */
export interface Described {
  readonly lane: number;
  readonly mark: Mark;
  readonly label: string;
  readonly lastsMs?: number;
  readonly bad?: boolean;
  readonly detail: unknown;
  /** Best known time: a record's own timestamp is more precise than the witness's. */
  readonly atMs: number;
}

/** Words in labels of failures and refusals. */
const BAD = /(Refused|Rejected|Declined|Failed|FAILED|COMPENSATING|Voided|Released|Expired)/;

/** Describes an event for the page; undefined for events without a place on a timeline. */
export function describeEvent(event: HistoryEvent): Described | undefined {
  const { atMs } = event;
  switch (event.type) {
    case 'invoke':
      return {
        ...about('client', 'operation', requestOf(event)),
        detail: detailOf(event),
        atMs,
      };
    case 'ok':
    case 'fail':
    case 'info':
      return {
        ...about('client', 'operation', `${event.type} ${event.status ?? ''} ${event.code ?? ''}`),
        bad: event.type !== 'ok',
        detail: detailOf(event),
        atMs,
      };
    case 'ws':
      return { ...socketOf(event), detail: detailOf(event), atMs };
    case 'kafka':
      return recordOf(event);
    case 'eventstore':
      return {
        ...about(
          storeUsers('eventstore').join(),
          'stored',
          `${event.eventType} #${event.revision}`,
        ),
        detail: detailOf(event),
        atMs: Math.min(atMs, event.createdMs ?? atMs),
      };
    case 'span':
      return {
        ...about(event.service, 'span', shortName(event.name)),
        lastsMs: event.endMs - event.startMs,
        bad: event.error === true,
        detail: detailOf(event),
        atMs: event.startMs,
      };
    case 'state':
      return {
        ...about(event.service, 'state', stateLabel(event)),
        detail: detailOf(event),
        atMs,
      };
    case 'process':
      return {
        ...about(event.instance.replace(/-\d+$/, ''), 'process', `${event.instance} ${event.what}`),
        bad: event.what === 'exited' || event.what === 'signalled',
        detail: detailOf(event),
        atMs,
      };
    case 'mail':
      return mailOf(event);
    case 'health':
      return healthOf(event);
    case 'wire-operation':
      return wireOf(event);
    case 'fault':
      return faultOf(event);
    case 'load-sample':
      return sampleOf(event, 'client', loadLabel(event), event.endMs - event.startMs);
    case 'resource-sample':
      return sampleOf(event, serviceOf(event.instance), resourceLabel(event), event.periodMs);
    default:
      return undefined;
  }
}

/** The service of a link (`inventory→kafka`) or of an instance (`inventory-1`). */
const serviceOf = (target: string): string => target.replace(/(?:→.*|-\d+)$/, '');

const faultOf = (event: Extract<HistoryEvent, { type: 'fault' }>): Described => ({
  ...about(serviceOf(event.target), 'fault', `${event.name} ${event.what}: ${event.target}`),
  bad: event.what === 'landed',
  detail: detailOf(event),
  atMs: event.atMs,
});

const mailOf = (event: Extract<HistoryEvent, { type: 'mail' }>): Described => ({
  ...about('query · notification', 'event', `mail: ${event.subject}`),
  detail: detailOf(event),
  atMs: event.receivedMs,
});

const healthOf = (event: Extract<HistoryEvent, { type: 'health' }>): Described => {
  const { instance, probe, outcome } = event;
  return {
    ...about(serviceOf(instance), 'process', `${instance} /${probe} ${outcome}`),
    bad: outcome !== 'ok',
    detail: detailOf(event),
    atMs: event.atMs,
  };
};

function wireOf(event: Extract<HistoryEvent, { type: 'wire-operation' }>): Described {
  const { link, name, outcome, error = '' } = event;
  const failed = outcome === 'error' || outcome === 'unanswered';
  const label = `${name} ${link}${failed ? ` ${outcome} ${error}` : ''}`;
  return {
    ...about(serviceOf(link), 'wire', label),
    lastsMs: event.endMs - event.startMs,
    bad: failed,
    detail: detailOf(event),
    atMs: event.startMs,
  };
}

const sampleOf = (
  event: HistoryEvent,
  service: string,
  label: string,
  lastsMs: number,
): Described => ({
  ...about(service, 'sample', label),
  lastsMs,
  detail: detailOf(event),
  atMs: event.atMs - lastsMs,
});

function loadLabel(event: Extract<HistoryEvent, { type: 'load-sample' }>): string {
  const { workload, sent, received, latencyMs } = event;
  const p99 = latencyMs === undefined ? '' : `, p99 ${Math.round(latencyMs.p99)} ms`;
  return `${workload}: ${sent} sent, ${received} received${p99}`;
}

function resourceLabel(event: Extract<HistoryEvent, { type: 'resource-sample' }>): string {
  const { instance, cpuCores, rssBytes } = event;
  const cpu = cpuCores === undefined ? '' : ` ${cpuCores.toFixed(2)} cores`;
  const rss = rssBytes === undefined ? '' : ` ${Math.round(rssBytes / 1e6)} MB`;
  return `${instance}:${cpu}${rss}`;
}

/** `sagaproof.jobs.v1.JobService/IssueJob` without its package. */
const shortName = (name: string): string => name.replace(/^(?:[a-z0-9]+\.)+(?=[A-Z])/, '');

const about = (service: string, mark: Mark, label: string) => ({
  lane: laneOf(service),
  mark,
  label: label.trim(),
});

function requestOf({ name, request }: OperationInvoked): string {
  const { method, path } = (request ?? {}) as { method?: string; path?: string };
  return method === undefined ? name : `${method} ${path}`;
}

function socketOf(event: Extract<HistoryEvent, { type: 'ws' }>) {
  const frame = jobFrame(event.message);
  if (event.what === 'frame' && frame !== undefined) {
    const kind = frame.type === 'expired' ? 'EXPIRED' : frame.kind;
    const label = `${frame.sequence} ${kind}`;
    return { ...about(SOCKET_SERVICE, 'frame', label), bad: BAD.test(label) };
  }
  const type = event.message?.['type'];
  const name = typeof type === 'string' ? type : event.what;
  return about(SOCKET_SERVICE, 'socket', event.what === 'sent' ? `→ ${name}` : name);
}

function recordOf(record: KafkaRecord): Described {
  const value = record.value ?? {};
  const payload = value['payload'] as
    | { type?: string; step?: string; effective?: boolean }
    | undefined;
  const isUpdate = record.topic === 'job.updates';
  const isCommand = record.topic.endsWith('.commands');
  const type = payload?.type ?? (isUpdate ? `${value['sequence']} ${value['kind']}` : '');
  const step = payload?.step === undefined ? '' : ` ${payload.step}`;
  const idle = payload?.effective === false ? ' (no effect)' : '';
  const label = record.undecodable === undefined ? `${type}${step}${idle}` : 'not decodable';
  const mark: Mark = isUpdate ? 'update' : isCommand ? 'command' : 'event';
  return {
    ...about(PRODUCERS[record.topic] ?? '', mark, label),
    bad: record.undecodable !== undefined || BAD.test(label),
    detail: detailOf(record),
    atMs: Math.min(record.atMs, record.timestampMs),
  };
}

function stateLabel(event: Extract<HistoryEvent, { type: 'state' }>): string {
  const { status, state, outcome, eventType } = event.value as Readonly<Record<string, unknown>>;
  return `${event.kind} ${String(status ?? state ?? outcome ?? eventType ?? '')}`;
}

/** The event without the fields that the page shows elsewhere. */
function detailOf(event: HistoryEvent): unknown {
  const { index: _, atMs: __, ...detail } = event;
  return detail;
}
