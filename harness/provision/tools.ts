import { readFileSync } from 'node:fs';
import { execa } from 'execa';
import { findOnPath } from '../kernel/child-command.ts';
import type { Problem } from './error.ts';
import type { Manifest, ToolName } from './manifest.ts';

/** A program of the machine that installs packages. */
export interface Tool {
  readonly path: string;
  readonly version: string;
}
export type ToolFinding =
  | { readonly found: true; readonly tool: Tool }
  | { readonly found: false; readonly problem: Problem };

const VERSION_TIMEOUT_MS = 20_000;

/** What prints each tool's version, and how it is read out of the answer. */
const VERSION_OF: Record<ToolName, { readonly args: readonly string[]; readonly pattern: RegExp }> =
  {
    maven: { args: ['--version'], pattern: /Apache Maven (\d+\.\d+(?:\.\d+)?)/ },
    go: { args: ['version'], pattern: /go version go(\d+\.\d+(?:\.\d+)?)/ },
    python: { args: ['--version'], pattern: /Python (\d+\.\d+(?:\.\d+)?)/ },
  };

export interface FindToolOptions {
  readonly env?: NodeJS.ProcessEnv;
  /** Takes a tool that tells no version: Maven cannot before there is a Java for it to run on. */
  readonly takeSilent?: boolean;
}

/** Looks a tool up on the PATH and checks its version; returns the fix for a missing one. */
export async function findTool(
  name: ToolName,
  tools: Manifest['tools'],
  pkg: string,
  options: FindToolOptions = {},
): Promise<ToolFinding> {
  const { env = process.env, takeSilent = false } = options;
  const { command, minimum } = tools[name];
  const fix = fixOf(tools[name].fix);
  const path = await findOnPath(command, env);
  if (path === undefined) {
    const message = `${command} is not on the PATH; it is needed to install this package`;
    return { found: false, problem: { pkg, code: 'tool-missing', message, fix } };
  }
  const { args, pattern } = VERSION_OF[name];
  const result = await execa(path, args, {
    reject: false,
    all: true,
    timeout: VERSION_TIMEOUT_MS,
    env,
    extendEnv: false,
  });
  const version = pattern.exec(result.all ?? '')?.[1];
  if (version === undefined && takeSilent) return { found: true, tool: { path, version: '?' } };
  if (version === undefined) {
    const message = `${path} ${args.join(' ')} does not answer with a version`;
    return { found: false, problem: { pkg, code: 'tool-missing', message, fix } };
  }
  if (compareVersions(version, minimum) < 0) {
    const message = `${path} is version ${version}; ${minimum} or newer is needed`;
    return { found: false, problem: { pkg, code: 'tool-too-old', message, fix } };
  }
  return { found: true, tool: { path, version } };
}

/** Negative when `a` is older than `b`; dotted numbers only. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [a, b].map((v) => v.split('.').map(Number));
  for (let i = 0; i < 3; i += 1) {
    const difference = (left?.[i] ?? 0) - (right?.[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** The fix for the current platform. */
export function fixOf(fix: { debian: string; macos: string; other: string }): string {
  if (process.platform === 'darwin') return fix.macos;
  return isDebian() ? fix.debian : fix.other;
}

function isDebian(): boolean {
  try {
    return /^ID(_LIKE)?=.*(debian|ubuntu)/m.test(readFileSync('/etc/os-release', 'utf8'));
  } catch {
    return false;
  }
}
