import { doctorReport } from '../../provision/doctor.ts';
import { createProgressView } from '../../provision/progress.ts';
import { provision } from '../../provision/provision.ts';
import { renderDoctor } from '../../provision/render-doctor.ts';
import { EXIT, paints, result, resultJson } from '../../terminal/output.ts';
import { loadConfig, replacedComponents, type SagaproofConfig } from '../../testbed/config.ts';
import { interruption } from '../interruption.ts';

interface DoctorOptions {
  readonly install?: boolean;
  readonly config?: string;
  readonly json?: boolean;
}

/** `sagaproof doctor`: checks the machine; `--install` installs missing components first. */
export async function doctor(options: DoctorOptions): Promise<void> {
  const config = await loadConfig(options.config);
  if (options.install) await install(config);
  const addresses = Object.entries(config.addresses).filter(([, given]) => given !== undefined);
  const report = await doctorReport({ addresses: Object.fromEntries(addresses) });
  if (options.json) resultJson(report);
  else result(renderDoctor(report, paints));
  if (report.verdict === 'blocked') process.exitCode = EXIT.no;
}

async function install(config: SagaproofConfig): Promise<void> {
  using interrupted = interruption();
  const view = createProgressView();
  const { signal } = interrupted;
  await provision({ onEvent: view.onEvent, replaced: replacedComponents(config), signal }).finally(
    view.close,
  );
}
