/**
 * One cell of the fault matrix: a fault that hits one operation of one service while one saga is at
 * one place. All of it is data, derived from contracts/sagas.yaml and contracts/topology.yaml.
 */
import type { WirePoint } from '../../harness/links/wire-rules.ts';

/** Identifiers of the order under test, by which its operations are recognised. */
export type Marker = 'orderId' | 'jobId' | 'userId' | 'sku';

/** An operation on a link, as rules of the wire proxy select it. */
export interface WireOperation {
  /** `<service>→<dependency>`. */
  readonly link: string;
  /** Names of operations; the first that occurs is the one. */
  readonly operations: readonly string[];
  readonly point: WirePoint;
  /** Each occurs in the content of the operation. */
  readonly markers: readonly Marker[];
  /** As `markers`, the same for every order: the type of a message. */
  readonly texts: readonly string[];
  /** Only after this operation was seen. */
  readonly after?: WireOperation;
}

/** A place in the work of a service, between two of its operations. */
export interface Boundary {
  /** Kebab-case: `after-commit`. */
  readonly name: string;
  /** The service that is at this place. */
  readonly service: string;
  readonly at: WireOperation;
  /** Which command of the client leads there. */
  readonly trigger: 'place' | 'cancel';
}

export const FAULTS = [
  'kill',
  'pause',
  'lost-request',
  'lost-answer',
  'error',
  'late',
  'duplicate',
  'cut',
  'latency',
  'time-out',
] as const;
/**
 * - `kill`: SIGKILL while the operation is held, which is then cut; the service starts again.
 * - `pause`: SIGSTOP while the operation passes, for a while.
 * - `lost-request`, `lost-answer`: the connection ends at this point.
 * - `error`: the dependency answers with an error of its protocol.
 * - `late`: the message passes a while later, within the time-out of the step.
 * - `duplicate`: the records of the exchange are delivered again.
 * - `cut`, `latency`: a link of the service is down, or slow, from this operation on.
 * - `time-out`: the operation is held until the step has timed out, then passes.
 */
export type FaultName = (typeof FAULTS)[number];

export interface Cell {
  /** `<saga>/<step>/<service>/<boundary>/<fault>`, and the link if the fault is one of a link. */
  readonly id: string;
  readonly saga: string;
  /** A step, or `STARTED` or `ENDED` for what happens around the steps. */
  readonly step: string;
  /** The service that the fault hits. */
  readonly participant: string;
  readonly boundary: string;
  readonly fault: FaultName;
  /** The link that the fault takes away or slows down. */
  readonly link?: string;
  /** How the order is to go without a fault. */
  readonly variant: string;
  readonly at: Boundary;
  /** A second fault: after the first one, while the service recovers. */
  readonly second?: SecondFault;
  /** Further faults that hit the same order where it meets them: a schedule of a hunt. */
  readonly others?: readonly Cell[];
}

/** All faults of a cell. */
export const allFaults = (cell: Cell): readonly Cell[] => [cell, ...(cell.others ?? [])];

/** What happens during the recovery from the first fault. */
export interface SecondFault {
  readonly fault: 'kill' | 'cut' | 'duplicate' | 'lost-answer';
  /** With `cut`: the link. */
  readonly link?: string;
}

/** As it is in the id of a cell: `cut:order→kafka`. */
export const secondName = ({ fault, link }: SecondFault): string =>
  link === undefined ? fault : `${fault}:${link}`;

export const OUTCOMES = ['PASS', 'FAIL', 'INCONCLUSIVE'] as const;
export type CellOutcome = (typeof OUTCOMES)[number];
