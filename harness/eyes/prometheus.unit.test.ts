import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { scrapeConfiguration } from './prometheus.ts';

describe('the configuration of Prometheus', () => {
  const service = {
    service: 'order',
    version: '1',
    manifest: '/m.yaml',
    subject: false,
    absentFeatures: [],
  } as const;

  it('has a target for each instance with an admin port, under the labels of its series', () => {
    const instances = [
      { id: 'order-1', host: '127.0.0.1', ports: { grpc: 1, admin: 2 } },
      { id: 'order-2', host: '127.0.0.1', ports: { grpc: 3 } },
    ];
    const { scrape_configs } = parse(
      scrapeConfiguration({ services: { order: { ...service, instances } } }),
    );
    expect(scrape_configs).toEqual([
      {
        job_name: 'services',
        honor_labels: true,
        static_configs: [
          { targets: ['127.0.0.1:2'], labels: { service: 'order', instance: 'order-1' } },
        ],
      },
    ]);
  });
});
