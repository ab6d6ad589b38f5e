import type { Command } from 'commander';
import colors from 'picocolors';
import { doctorReport } from '../../provision/doctor.ts';
import { renderDoctor } from '../../provision/render-doctor.ts';
import { loadConfig } from '../../testbed/config.ts';
import { jsonOption } from '../json-option.ts';
import { EXIT, result, resultJson } from '../output.ts';

interface DoctorOptions {
  readonly config?: string;
  readonly json?: boolean;
}

export function addDoctor(program: Command): void {
  program
    .command('doctor')
    .description('who serves each piece, from where, and what mends what is missing')
    .option('--config <file>', 'a sagaproof.config.ts other than the one in this folder')
    .addOption(jsonOption())
    .action(doctor);
}

async function doctor(options: DoctorOptions): Promise<void> {
  const config = await loadConfig(options.config);
  const addresses = Object.entries(config.addresses).filter(([, given]) => given !== undefined);
  const report = await doctorReport({ addresses: Object.fromEntries(addresses) });
  if (options.json) resultJson(report);
  else result(renderDoctor(report, colors));
  if (report.verdict === 'blocked') process.exitCode = EXIT.no;
}
