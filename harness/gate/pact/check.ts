import type { Comparison } from '../comparison.ts';
import type { Finding } from '../finding.ts';
import { type PactFile, pactsOf, type Verification, verificationsOf } from './pacts.ts';

/** Versions that must be compatible. */
interface Pair {
  readonly pact: PactFile;
  /** The provider's version that must satisfy it; undefined: the one verified last. */
  readonly providerVersion: string | undefined;
  readonly consumer: string;
  readonly provider: string;
}

/**
 * Pacts: every pair of consumer and provider that would run side by side must have been verified.
 * A failed verification is a break; a missing one is unknown, with the command to run as fix.
 */
export async function checkPacts(comparison: Comparison): Promise<Finding[]> {
  const { folder } = comparison.config.pacts;
  const verifications = verificationsOf(comparison.head, folder);
  return pairsOf(comparison, folder).flatMap((pair) => judge(pair, verifications));
}

function pairsOf({ base, head, asked }: Comparison, folder: string): Pair[] {
  const [before, after] = [pactsOf(base.tree, folder), pactsOf(head, folder)];
  const { services } = base;
  if (services === 'all') {
    const known = new Set(before.map(({ digest }) => digest));
    return after
      .filter(({ digest }) => !known.has(digest))
      .map((pact) => pairOf(pact, undefined, pact.consumer, pact.provider));
  }
  // Running services have their old pacts, the deployed one has the new ones.
  const running = before.flatMap((pact) => {
    const version = services.get(pact.consumer);
    const isOurs = asked?.service === undefined || asked.service === pact.provider;
    if (version === undefined || !isOurs) return [];
    const provider =
      asked?.version === undefined ? pact.provider : `${pact.provider} ${asked.version}`;
    return [pairOf(pact, asked?.version, `${pact.consumer} ${version}`, provider)];
  });
  const brought = after.flatMap((pact) => {
    const version = services.get(pact.provider);
    const isOurs = asked?.service === undefined || asked.service === pact.consumer;
    if (version === undefined || !isOurs) return [];
    const consumer =
      asked?.version === undefined ? pact.consumer : `${pact.consumer} ${asked.version}`;
    return [pairOf(pact, version, consumer, `${pact.provider} ${version}`)];
  });
  return [...running, ...brought];
}

const pairOf = (
  pact: PactFile,
  providerVersion: string | undefined,
  consumer: string,
  provider: string,
): Pair => ({ pact, providerVersion, consumer, provider });

function judge(
  { pact, providerVersion, consumer, provider }: Pair,
  verifications: readonly Verification[],
): Finding[] {
  const relevant = verifications.filter(
    (it) =>
      it.consumer === pact.consumer &&
      it.provider === pact.provider &&
      (providerVersion === undefined || it.providerVersion === providerVersion),
  );
  const known = relevant.findLast((it) => it.pact === pact.digest);
  if (known === undefined ? isCovered(pact, relevant) : known.success) return [];
  const command = `sagaproof contracts verify ${pact.provider}`;
  const shared = {
    format: 'pact' as const,
    subject: `${pact.consumer} → ${pact.provider}`,
    file: pact.file,
    line: 1,
    causes: [pact.provider, pact.consumer],
    breaks: [consumer],
  };
  if (known === undefined) {
    return [
      {
        ...shared,
        rule: 'pact/not-verified',
        fails: `may not be served by ${provider}`,
        what: 'this pact was never verified with it',
        fix: `run ${command}, then sagaproof gate record-verification ${pact.consumer} ${pact.provider} ${providerVersion ?? '<version>'} --passed`,
        certainty: 'unknown',
      },
    ];
  }
  const run = known.run === undefined ? '' : ` in ${known.run}`;
  return [
    {
      ...shared,
      rule: 'pact/verification-failed',
      fails: `is not served as its pact asks by ${provider}`,
      what: `its verification failed${run}`,
      fix: `serve what the pact asks for, and run ${command} again`,
      certainty: 'breaks',
    },
  ];
}

/** Whether the last verification of each interaction passed, in any pact. */
const isCovered = ({ interactions }: PactFile, verifications: readonly Verification[]): boolean =>
  interactions.length > 0 &&
  interactions.every(
    (one) => verifications.findLast((it) => it.interactions.includes(one))?.success === true,
  );
