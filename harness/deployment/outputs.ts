import { readFileSync } from 'node:fs';
import { packageAsset } from '../kernel/package-assets.ts';
import { chartFiles } from './charts.ts';
import { composeFile } from './compose.ts';
import { dashboards } from './dashboards.ts';

/** By path from the repository's root: every generated file of Compose, Helm and Grafana. */
export const deploymentOutputs = (): Readonly<Record<string, string>> => ({
  'compose/compose.yaml': composeFile(),
  ...chartFiles(),
  // Helm reads no file outside of its chart.
  'helm/sagaproof/files/rules.yaml': readFileSync(packageAsset('observability/rules.yaml'), 'utf8'),
  ...Object.fromEntries(
    Object.entries(dashboards()).map(([name, dashboard]) => [
      `observability/grafana/${name}.json`,
      `${JSON.stringify(dashboard, null, 2)}\n`,
    ]),
  ),
});
