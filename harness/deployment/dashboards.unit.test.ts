import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { SERVICES } from '../kernel/address-book.ts';
import { packageAsset } from '../kernel/package-assets.ts';
import { dashboardQueries, dashboards } from './dashboards.ts';

const text = (path: string): string => readFileSync(packageAsset(path), 'utf8');
const Rules = z.object({
  groups: z.array(
    z.object({
      rules: z.array(z.object({ alert: z.string().optional(), record: z.string().optional() })),
    }),
  ),
});
const rules = Rules.parse(parse(text('observability/rules.yaml'))).groups.flatMap(
  (group) => group.rules,
);

describe('dashboards', () => {
  it('are one for each service, one for sagas and an overview', () => {
    const names = ['overview', 'sagas', ...SERVICES.map((name) => `service-${name}`)];
    expect(Object.keys(dashboards())).toEqual(names);
  });

  it('have a query in each panel', () => {
    for (const [name, { panels = [] }] of Object.entries(dashboards())) {
      const drawn = panels.filter((panel) => 'targets' in panel);
      const queries = dashboardQueries().filter(({ dashboard }) => dashboard === name);
      expect(drawn.length, name).toBe(queries.length);
      expect(queries.length, name).toBeGreaterThan(0);
    }
  });

  it('use only records that a rule makes', () => {
    const recorded = rules.flatMap(({ record }) => record ?? []);
    const used = dashboardQueries().flatMap(({ expr }) => expr.match(/\w+:\w+:\w+/g) ?? []);
    expect(used.length).toBeGreaterThan(0);
    for (const name of used) expect(recorded).toContain(name);
  });
});

describe('alerts', () => {
  it('each have a case in which they fire, and are in the docs', () => {
    const alerts = rules.flatMap(({ alert }) => alert ?? []);
    expect(alerts.length).toBeGreaterThan(5);
    for (const alert of alerts) {
      expect(text('observability/rules.test.yaml')).toMatch(
        new RegExp(`alertname: ${alert}\\n +exp_alerts:\\n`),
      );
      expect(text('docs/how-to/watch-a-system.md')).toContain(`\`${alert}\``);
    }
  });
});
