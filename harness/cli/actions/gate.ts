import { writeFileSync } from 'node:fs';
import { type Answer, answerJson } from '../../gate/answer/answer.ts';
import { toJunit } from '../../gate/answer/junit.ts';
import { renderTable } from '../../gate/answer/render-table.ts';
import { toSarif } from '../../gate/answer/sarif.ts';
import { gate } from '../../gate/gate.ts';
import { addressBookOf } from '../../gate/recorded/stack.ts';
import { EXIT, note, result, resultJson } from '../../terminal/output.ts';

interface GateOptions {
  readonly repo: string;
  readonly base?: string;
  readonly against?: string;
  readonly staged?: boolean;
  readonly service?: string;
  readonly serviceVersion?: string;
  readonly registry?: string;
  readonly running?: string | true;
  readonly junit?: string;
  readonly sarif?: string;
  readonly json?: boolean;
}

const EXIT_OF: Readonly<Record<Answer['answer'], number>> = {
  yes: EXIT.ok,
  no: EXIT.no,
  unknown: EXIT.unable,
};

/** `sagaproof gate`: checks the change and writes the result in the requested formats. */
export async function ask(options: GateOptions): Promise<void> {
  const broker = process.env['PACT_BROKER_BASE_URL'];
  const asked = options.service && options.serviceVersion && options.against;
  if (broker && !asked) {
    note(
      'The Pact Broker was not queried: that needs --service, --service-version and --against. Using contracts/pacts.',
    );
  }
  const answer = await gate({
    repository: options.repo,
    note,
    staged: options.staged ?? false,
    ...(options.base === undefined ? {} : { base: options.base }),
    ...(options.against === undefined ? {} : { against: options.against }),
    ...(options.service === undefined ? {} : { service: options.service }),
    ...(options.serviceVersion === undefined ? {} : { version: options.serviceVersion }),
    ...(options.registry === undefined ? {} : { registry: options.registry }),
    ...(broker ? { broker } : {}),
    ...(options.running && {
      running: addressBookOf(options.running === true ? undefined : options.running),
    }),
  });
  if (options.junit) writeFileSync(options.junit, toJunit(answer));
  if (options.sarif) writeFileSync(options.sarif, toSarif(answer));
  if (options.json) resultJson(answerJson(answer));
  else result(renderTable(answer, process.stdout.columns));
  process.exitCode = EXIT_OF[answer.answer];
}
