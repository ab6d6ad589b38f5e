import { readFileSync } from 'node:fs';
import type { Installation } from '../provision/installation.ts';
import type { StackConfig } from './config.ts';
import type { ServiceDefinition } from './services/definition.ts';

/** The stack that the supervisor boots: `stack.json` in the run folder. */
export interface StackSpec {
  readonly runId: string;
  readonly createdAt: string;
  /** Of code, configuration and manifests: the stack is reused only as long as it is the same. */
  readonly fingerprint: string;
  /** True when it must go down with the process that booted it. */
  readonly owned: boolean;
  readonly only?: readonly string[];
  /** For benchmarks: see `BootOptions`. */
  readonly untuned?: boolean;
  /** Links go through the wire proxy, too. */
  readonly wire?: boolean;
  /** With their manifests as they were read when the stack was ordered. */
  readonly services: readonly ServiceDefinition[];
  readonly config: StackConfig;
  readonly installation: Installation;
}

export function readSpec(file: string): StackSpec {
  return JSON.parse(readFileSync(file, 'utf8')) as StackSpec;
}
