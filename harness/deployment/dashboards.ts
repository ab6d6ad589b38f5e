/** observability/grafana/*.json: dashboards as code. Every query of theirs is run in a test. */
import {
  type Dashboard,
  DashboardBuilder,
  DatasourceVariableBuilder,
  RowBuilder,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { DataqueryBuilder } from '@grafana/grafana-foundation-sdk/prometheus';
import { PanelBuilder } from '@grafana/grafana-foundation-sdk/timeseries';
import { SERVICES } from '../kernel/address-book.ts';
import { type DeployableService, deployableServices } from './deployable.ts';

interface Panel {
  readonly title: string;
  readonly unit: 'short' | 'reqps' | 's' | 'percentunit' | 'bytes';
  readonly expr: string;
  /** Labels that name a line. */
  readonly by: readonly string[];
}

/** Panels side by side, in Grafana's grid of 24 columns. */
const PANEL_WIDTH = 8;
const PANEL_HEIGHT = 7;
const RANGE = '[1m]';

type Rows = Readonly<Record<string, readonly Panel[]>>;

const rate = (metric: string, selector: string, by: readonly string[]): string =>
  `sum by (${by.join(', ')}) (rate(${metric}{${selector}}${RANGE}))`;
const p95 = (metric: string, selector: string, by: readonly string[]): string =>
  `histogram_quantile(0.95, sum by (${['le', ...by].join(', ')}) (rate(${metric}_bucket{${selector}}${RANGE})))`;

function processPanels(selector: string): Panel[] {
  const by = ['instance'];
  return [
    { title: 'Answers', unit: 'short', expr: `up{${selector}}`, by },
    {
      title: 'CPU',
      unit: 'percentunit',
      expr: rate('process_cpu_seconds_total', selector, by),
      by,
    },
    { title: 'Memory', unit: 'bytes', expr: `process_resident_memory_bytes{${selector}}`, by },
    {
      title: 'Event loop lag, 99th percentile',
      unit: 's',
      expr: `nodejs_eventloop_lag_p99_seconds{${selector}}`,
      by,
    },
  ];
}

function callPanels(selector: string): Panel[] {
  const calls = ['grpc_method', 'grpc_code'];
  return [
    {
      title: 'Calls',
      unit: 'reqps',
      expr: rate('grpc_server_handled_total', selector, calls),
      by: calls,
    },
    {
      title: 'Latency of calls, 95th percentile',
      unit: 's',
      expr: p95('grpc_server_handling_seconds', selector, ['grpc_method']),
      by: ['grpc_method'],
    },
  ];
}

function requestPanels(selector: string): Panel[] {
  const metric = 'http_server_request_duration_seconds';
  const requests = ['http_route', 'http_response_status_code'];
  return [
    {
      title: 'Requests',
      unit: 'reqps',
      expr: rate(`${metric}_count`, selector, requests),
      by: requests,
    },
    {
      title: 'Latency of requests, 95th percentile',
      unit: 's',
      expr: p95(metric, selector, ['http_route']),
      by: ['http_route'],
    },
    {
      title: 'Errors of the last hour',
      unit: 'percentunit',
      expr: 'api:errors:ratio_rate1h',
      by: [],
    },
  ];
}

function messagePanels(selector: string): Panel[] {
  const by = ['topic', 'outcome'];
  return [
    {
      title: 'Messages',
      unit: 'reqps',
      expr: rate('kafka_consumer_messages_total', selector, by),
      by,
    },
    {
      title: 'Lag',
      unit: 'short',
      expr: `group:kafka_consumer_lag:sum{${selector}}`,
      by: ['topic'],
    },
  ];
}

const socketPanels = (selector: string): Panel[] => [
  { title: 'Sockets', unit: 'short', expr: `websocket_sockets{${selector}}`, by: ['instance'] },
  {
    title: 'Frames',
    unit: 'reqps',
    expr: rate('websocket_frames_sent_total', selector, ['instance', 'type']),
    by: ['instance', 'type'],
  },
  {
    title: 'Updates',
    unit: 'reqps',
    expr: rate('websocket_updates_logged_total', selector, ['outcome']),
    by: ['outcome'],
  },
];

function serviceRows(service: DeployableService): Rows {
  const selector = `service="${service.name}"`;
  return {
    Process: processPanels(selector),
    ...('grpc' in service.ports ? { Calls: callPanels(selector) } : {}),
    ...('http' in service.ports ? { Requests: requestPanels(selector) } : {}),
    ...('ws' in service.ports ? { Sockets: socketPanels(selector) } : {}),
    ...(service.consumes.length > 0 ? { Messages: messagePanels(selector) } : {}),
  };
}

function sagaRows(): Rows {
  const outcome = ['kind', 'outcome'];
  return {
    Sagas: [
      {
        title: 'Events published',
        unit: 'reqps',
        expr: rate('order_events_published_total', '', ['instance']),
        by: ['instance'],
      },
      {
        title: 'Publishing instance',
        unit: 'short',
        expr: 'order_publisher_leading',
        by: ['instance'],
      },
      {
        title: 'Job updates',
        unit: 'reqps',
        expr: rate('job_events_folded_total', '', ['outcome']),
        by: ['outcome'],
      },
    ],
    Effects: [
      {
        title: 'Commands and replies',
        unit: 'reqps',
        expr: rate('kafka_consumer_messages_total', '', ['service', 'outcome']),
        by: ['service', 'outcome'],
      },
      {
        title: 'Notifications',
        unit: 'reqps',
        expr: rate('notification_outcomes_total', '', outcome),
        by: outcome,
      },
      {
        title: 'Read model',
        unit: 'reqps',
        expr: rate('query_projection_events_total', '', ['outcome']),
        by: ['outcome'],
      },
    ],
  };
}

const overviewRows = (): Rows => ({
  Services: [
    { title: 'Answers', unit: 'short', expr: 'sum by (service) (up)', by: ['service'] },
    {
      title: 'CPU',
      unit: 'percentunit',
      expr: rate('process_cpu_seconds_total', '', ['service']),
      by: ['service'],
    },
    {
      title: 'Lag',
      unit: 'short',
      expr: 'sum by (service) (group:kafka_consumer_lag:sum)',
      by: ['service'],
    },
  ],
  Objectives: [
    { title: 'Errors of 5 minutes', unit: 'percentunit', expr: 'api:errors:ratio_rate5m', by: [] },
    { title: 'Errors of an hour', unit: 'percentunit', expr: 'api:errors:ratio_rate1h', by: [] },
    { title: 'Latency, 95th percentile', unit: 's', expr: 'api:latency_seconds:p95_5m', by: [] },
  ],
});

/** Every dashboard by its file name. */
export function dashboards(): Readonly<Record<string, Dashboard>> {
  const services = deployableServices().map((service) => [
    `service-${service.name}`,
    dashboard(`Service ${service.name}`, `sagaproof-${service.name}`, serviceRows(service)),
  ]);
  return {
    overview: dashboard('Services', 'sagaproof-overview', overviewRows()),
    sagas: dashboard('Sagas', 'sagaproof-sagas', sagaRows()),
    ...Object.fromEntries(services),
  };
}

/** The queries of every panel, to be run. */
export const dashboardQueries = (): { dashboard: string; title: string; expr: string }[] =>
  [
    ['overview', overviewRows()] as const,
    ['sagas', sagaRows()] as const,
    ...deployableServices().map((one) => [`service-${one.name}`, serviceRows(one)] as const),
  ].flatMap(([name, rows]) =>
    Object.values(rows).flatMap((panels) =>
      panels.map(({ title, expr }) => ({ dashboard: name, title, expr })),
    ),
  );

function dashboard(title: string, uid: string, rows: Rows): Dashboard {
  const builder = new DashboardBuilder(title)
    .uid(uid)
    .tags(['sagaproof', ...SERVICES.filter((name) => uid.endsWith(name))])
    .refresh('10s')
    .time({ from: 'now-30m', to: 'now' })
    .withVariable(new DatasourceVariableBuilder('datasource').type('prometheus'));
  for (const [name, panels] of Object.entries(rows)) {
    builder.withRow(new RowBuilder(name));
    for (const panel of panels) builder.withPanel(panelOf(panel));
  }
  return builder.build();
}

const panelOf = ({ title, unit, expr, by }: Panel): PanelBuilder =>
  new PanelBuilder()
    .title(title)
    .unit(unit)
    .min(0)
    .span(PANEL_WIDTH)
    .height(PANEL_HEIGHT)
    // biome-ignore lint/suspicious/noTemplateCurlyInString: Grafana replaces it, not we.
    .datasource({ type: 'prometheus', uid: '${datasource}' })
    .withTarget(
      new DataqueryBuilder()
        .expr(expr)
        .legendFormat(by.map((label) => `{{${label}}}`).join(' ') || title),
    );
