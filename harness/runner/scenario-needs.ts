import type { AddressBook, ServiceName } from '../kernel/address-book.ts';
import type { ScenarioFacts } from '../scenario/define-scenario.ts';

/** What a stack lacks that a scenario requires, as a sentence; undefined if it lacks nothing. */
export const missingFor = (
  { needs, controls, instances }: Pick<ScenarioFacts, 'needs' | 'controls' | 'instances'>,
  book: AddressBook,
): string | undefined =>
  absentFeature(book, needs) ?? tooFewInstances(book, instances) ?? outsideTheStack(book, controls);

function absentFeature(book: AddressBook, needs: readonly string[]): string | undefined {
  for (const { service, absentFeatures } of Object.values(book.services)) {
    const absent = needs.filter((feature) => absentFeatures.includes(feature));
    if (absent.length > 0) return `${service} declares no ${absent.join(', ')}`;
  }
  return undefined;
}

function tooFewInstances(
  book: AddressBook,
  required: ScenarioFacts['instances'],
): string | undefined {
  for (const [service, count] of Object.entries(required)) {
    const found = book.services[service];
    const runs = found?.instances.length ?? 0;
    if (found === undefined || runs >= count) continue;
    return `it needs ${count} instances of ${service}, and ${runs} runs: write \`instances: ${count}\` in ${found.manifest}`;
  }
  return undefined;
}

function outsideTheStack(book: AddressBook, services: readonly ServiceName[]): string | undefined {
  const found = services.find((service) =>
    book.services[service]?.instances.some(({ pid }) => pid === undefined),
  );
  return found === undefined ? undefined : `${found} runs outside the stack: it cannot be stopped`;
}
