/**
 * What any server of the EventStoreDB protocol must do for an unmodified client. It takes an
 * address, so that the same suite runs on the embedded store and on a real one; every test works on
 * streams of its own, and none assumes that the store is empty.
 */
import { afterAll, beforeAll, describe } from 'vitest';
import { appendContract } from './contract/append.ts';
import { batchContract } from './contract/batch.ts';
import { deleteContract } from './contract/delete.ts';
import { idempotencyContract } from './contract/idempotency.ts';
import { parkedContract } from './contract/parked.ts';
import { persistentContract } from './contract/persistent.ts';
import { readContract } from './contract/read.ts';
import { strategyContract } from './contract/strategies.ts';
import { subscriptionContract } from './contract/subscription.ts';
import { connectTarget, type Target } from './contract/target.ts';
import { truncationContract } from './contract/truncation.ts';
import { wireContract } from './contract/wire.ts';

export interface ContractOptions {
  /** Gives the connection string of the server under test. */
  readonly connect: () => Promise<string>;
}

/** Registers the whole suite. */
export function eventStoreContract({ connect }: ContractOptions): void {
  let target: Target;
  beforeAll(async () => {
    target = connectTarget(await connect());
  });
  afterAll(() => target[Symbol.asyncDispose]());
  const current = () => target;

  describe('append', () => appendContract(current));
  describe('idempotent append', () => idempotencyContract(current));
  describe('BatchAppend', () => batchContract(current));
  describe('read', () => readContract(current));
  describe('truncation by metadata', () => truncationContract(current));
  describe('delete and tombstone', () => deleteContract(current));
  describe('catch-up subscription', () => subscriptionContract(current));
  describe('persistent subscription', () => persistentContract(current));
  describe('parked message', () => parkedContract(current));
  describe('consumer strategy', () => strategyContract(current));
  describe('protocol details', () => wireContract(current));
}
