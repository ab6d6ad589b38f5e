/** Renders the charts with Helm, from a copy with their dependencies. */
import { cpSync, globSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { SERVICES } from '../kernel/address-book.ts';
import { packageAsset } from '../kernel/package-assets.ts';
import { goTool } from './tools.testkit.ts';

export interface Charts {
  readonly folder: string;
  helm(...args: readonly string[]): Promise<string>;
}

/** The charts in a folder of their own, where Helm may write what they depend on. */
export async function prepareCharts(): Promise<Charts> {
  const folder = mkdtempSync(join(tmpdir(), 'sagaproof-charts-'));
  cpSync(packageAsset('helm'), folder, { recursive: true });
  const binary = await goTool('helm');
  const helm = async (...args: readonly string[]): Promise<string> => {
    const { stdout } = await execa(binary, args, { cwd: folder });
    return stdout;
  };
  for (const chart of [...SERVICES, 'sagaproof']) await helm('dependency', 'update', chart);
  return { folder, helm };
}

/** What is installed, as the snapshots have it. */
export const INSTALLATIONS = {
  kind: ['sagaproof', '--values', 'sagaproof/values-kind.yaml'],
  eks: ['sagaproof', '--values', 'sagaproof/values-eks.yaml'],
  servers: ['servers'],
} as const;
export type Installation = keyof typeof INSTALLATIONS;

export const render = ({ helm }: Charts, installation: Installation): Promise<string> => {
  const [chart, ...options] = INSTALLATIONS[installation];
  return helm('template', chart, chart, '--namespace', 'sagaproof', ...options);
};

/** The folders of charts; others hold policies, snapshots and objects that are no chart. */
export const chartNames = (): string[] =>
  globSync('*/Chart.yaml', { cwd: packageAsset('helm') })
    .map(dirname)
    .sort();
