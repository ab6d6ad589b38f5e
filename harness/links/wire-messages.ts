/**
 * What a process and a wire proxy say to each other over the proxy's Unix socket: one JSON object
 * a line. Rules live as long as the connection that armed them.
 */
import type { Disturbance } from './hop.ts';
import type { WireHit, WireRelease, WireRule } from './wire-rules.ts';

/** Requests by name: what is asked, and what is answered. */
export interface WireRequests {
  readonly arm: [asked: { readonly rule: JsonRule }, answered: { readonly rule: string }];
  readonly lift: [asked: { readonly rule: string }, answered: object];
  readonly release: [asked: { readonly hit: string; readonly as: WireRelease }, answered: object];
  readonly rules: [
    asked: object,
    answered: { readonly rules: readonly { readonly id: string; readonly rule: JsonRule }[] },
  ];
  readonly clear: [asked: object, answered: object];
  readonly cut: [asked: { readonly link: string }, answered: object];
  /** Undoes a cut. */
  readonly connect: [asked: { readonly link: string }, answered: object];
  /** Undoes a cut and lifts all rules of the link. */
  readonly restore: [asked: { readonly link: string }, answered: object];
  readonly disturbances: [
    asked: { readonly link: string },
    answered: { readonly disturbances: readonly Disturbance[] },
  ];
  /** Records operations into a file, a shard of a history, until it is stopped. */
  readonly record: [asked: { readonly file: string }, answered: object];
  readonly stop: [asked: object, answered: WireRecording];
  readonly opaque: [asked: object, answered: { readonly connections: readonly WireOpaque[] }];
}

export interface WireRecording {
  readonly operations: number;
  /** Operations that passed and were not written, because there were too many. */
  readonly lost: number;
}

/** A connection that passes undecoded. */
export interface WireOpaque {
  readonly link: string;
  readonly connection: number;
  readonly reason: string;
}

/** JSON has no `Infinity`: there `times` is null. */
export type JsonRule = Omit<WireRule, 'times'> & { readonly times?: number | null };

export const toJsonRule = (rule: WireRule): JsonRule =>
  rule.times === Number.POSITIVE_INFINITY ? { ...rule, times: null } : rule;

export function fromJsonRule({ times, ...rule }: JsonRule): WireRule {
  if (times === undefined) return rule;
  return { ...rule, times: times ?? Number.POSITIVE_INFINITY };
}

export type WireRequestName = keyof WireRequests;

/** A line of the proxy. */
export type WireReply =
  | { readonly id: number; readonly answer: unknown }
  | { readonly id: number; readonly error: string }
  | { readonly hit: WireHit }
  /** A rule matched and its action could not be carried out. */
  | { readonly failed: string; readonly reason: string };
