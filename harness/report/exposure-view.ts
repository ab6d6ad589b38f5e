/** Words and rows for what each service was exposed to: of the terminal, the page and JUnit. */
import type { RunVerdict } from '../checker/check.ts';
import type { FaultCount, SubjectExposure } from '../checker/exposure/exposure.ts';
import { type FaultKind, LINK_FAULTS } from '../checker/exposure/fault-kinds.ts';

type Subject = RunVerdict['subjects'][number];

/** Columns of the matrix, in order, each with the words for one and for several. */
const COLUMNS = {
  kill: ['kill', 'kills'],
  restart: ['restart', 'restarts'],
  pause: ['pause', 'pauses'],
  cut: ['cut', 'links cut'],
  latency: ['slow', 'slow'],
  error: ['error', 'with errors'],
  redelivery: ['redelivery', 'redeliveries'],
  rebalance: ['rebalance', 'rebalances'],
  'expired-token': ['expired token', 'expired tokens'],
  'second-node': ['second node', 'more nodes'],
  other: ['other fault', 'other faults'],
} as const satisfies Record<FaultKind, readonly [string, string]>;
const KINDS = Object.keys(COLUMNS) as FaultKind[];

const isLinkFault = (fault: FaultKind): boolean =>
  (LINK_FAULTS as readonly FaultKind[]).includes(fault);

/** A service that the run did not disturb while it had work. */
export const isUntouched = ({ faults }: SubjectExposure): boolean =>
  faults.every(({ withWork }) => withWork === 0);

/** Such as `1 restart, 0 kills, 0 of 4 links cut`; only faults that hit the service at work. */
export function exposureWords({ faults }: SubjectExposure): string {
  const words = KINDS.flatMap((kind) => {
    const cells = faults.filter(({ fault }) => fault === kind);
    if (cells.length === 0) return [];
    const [one, several] = COLUMNS[kind];
    if (isLinkFault(kind)) {
      const hit = cells.filter(({ withWork }) => withWork > 0).length;
      return [`${hit} of ${cells.length} ${several}`];
    }
    const times = cells.reduce((sum, { withWork }) => sum + withWork, 0);
    return [`${times} ${times === 1 ? one : several}`];
  });
  return words.join(', ');
}

/** The implementation under test in one line: `websocket 1.2.0, Go, ws/sagaproof.service.yaml`. */
export const subjectWords = ({ service, version, language, manifest }: Subject): string =>
  [`${service} ${version}`, language, manifest].filter((word) => word !== undefined).join(', ');

interface Mark {
  readonly text: string;
  readonly empty: boolean;
  readonly title: string;
}

/** The matrix of the page: a cell without marks does not apply to the service. */
export function exposureMatrix({ exposure }: RunVerdict) {
  const used = KINDS.filter((kind) =>
    exposure.some(({ faults }) => faults.some(({ fault }) => fault === kind)),
  );
  return {
    columns: used.map((kind) => COLUMNS[kind][0]),
    rows: exposure.map((one) => ({
      service: one.service,
      cells: used.map((kind) =>
        one.faults.filter(({ fault }) => fault === kind).map((cell) => markOf(cell)),
      ),
      judged: one.judged.length,
      notJudged: one.notJudged,
    })),
  };
}

function markOf({ link, landed, withWork }: FaultCount): Mark {
  const dependency = link?.replace(/.*→/, '');
  const idle = landed - withWork;
  const title =
    landed === 0
      ? 'never'
      : `${withWork} times at work${idle > 0 ? `, ${idle} times without work` : ''}`;
  return {
    text: dependency === undefined ? String(withWork) : `${dependency} ${withWork}`,
    empty: withWork === 0,
    title: `${link ?? ''} ${title}`.trim(),
  };
}
