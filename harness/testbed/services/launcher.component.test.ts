import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { restoreStack } from '../../runner/restore-stack.ts';
import { createControl } from '../control-client.ts';
import { newestRun, stillRunning, useOwnRuns } from '../stack.testkit.ts';
import { bootInput, bootStack, type Stack } from '../stack.ts';
import { readInput } from '../stack-input.ts';
import { loadManifest } from './manifest.ts';

const fixture = (name: string) =>
  fileURLToPath(new URL(`./fixtures/echo/${name}.service.yaml`, import.meta.url));

describe('a subject that a manifest describes', () => {
  const tests = useOwnRuns();
  const boot = (name: string): Promise<Stack> =>
    bootStack({
      only: ['auth'],
      subjects: [fixture(name)],
      installation: tests.installation(),
    });

  describe('when it gets ready', () => {
    let stack: Stack;
    beforeAll(async () => {
      stack = await boot('sagaproof');
      return () => stack.down();
    });
    const environment = async (id: string): Promise<Record<string, string>> => {
      const instances = (await stack.refresh()).services['auth']?.instances ?? [];
      const admin = instances.find((instance) => instance.id === id)?.ports['admin'];
      const response = await fetch(`http://127.0.0.1:${admin}/env`);
      return (await response.json()) as Record<string, string>;
    };

    it('is in the address book with its version and what it lacks', () => {
      expect(stack.addressBook.services['auth']).toMatchObject({
        version: '9.9.9-fixture',
        subject: true,
        manifest: fixture('sagaproof'),
        absentFeatures: ['tracing'],
        instances: [{ id: 'auth-1' }],
      });
    });

    it('gets what its manifest says and hardly anything else', async () => {
      const { PATH, HOME, TZ, LC_ALL, NODE_COMPILE_CACHE, SAGAPROOF_RUN_ID, ...env } =
        await environment('auth-1');
      const { ports } = stack.addressBook.services['auth']?.instances[0] ?? {};
      const link = stack.addressBook.links.find(({ name }) => name === 'auth→oidc');
      expect(env).toEqual({
        SERVICE_INSTANCE: 'auth-1',
        ADMIN_PORT: String(ports?.['admin']),
        GRPC_PORT: String(ports?.['grpc']),
        JWKS_URL: `http://${link?.listen}/.well-known/jwks.json`,
        ISSUER: stack.addressBook.oidc.issuer,
        // biome-ignore lint/suspicious/noTemplateCurlyInString: what the manifest escapes.
        LITERAL: '${not.replaced}',
      });
      expect([PATH, HOME, TZ, LC_ALL, NODE_COMPILE_CACHE, SAGAPROOF_RUN_ID]).not.toContain(
        undefined,
      );
    });

    it('reaches its dependency through a link that can be cut', async () => {
      const { JWKS_URL = '' } = await environment('auth-1');
      expect((await fetch(JWKS_URL)).status).toBe(200);
      const cut = await stack.links.cut('auth→oidc');
      await expect(fetch(JWKS_URL)).rejects.toThrow();
      await cut.restore();
      expect((await fetch(JWKS_URL)).status).toBe(200);
      expect(() => stack.links.find('auth→redis')).toThrow(
        'unknown link "auth→redis"; known links: auth→oidc',
      );
    });

    it('is killed, and started again on the same ports as another process', async () => {
      const before = (await stack.refresh()).services['auth']?.instances[0];
      await stack.control.killInstance('auth-1');
      await expect(environment('auth-1')).rejects.toThrow();
      await stack.control.restartInstance('auth-1');
      const after = (await stack.refresh()).services['auth']?.instances[0];
      expect(after?.ports).toEqual(before?.ports);
      expect(after?.pid).not.toBe(before?.pid);
    });

    it('is started with another value of a variable, once', async () => {
      await stack.control.restartInstance('auth-1', { env: { LITERAL: 'for this start' } });
      expect(await environment('auth-1')).toMatchObject({
        LITERAL: 'for this start',
        SERVICE_INSTANCE: 'auth-1',
      });
      await stack.control.restartInstance('auth-1');
      // biome-ignore lint/suspicious/noTemplateCurlyInString: what the manifest escapes.
      expect(await environment('auth-1')).toMatchObject({ LITERAL: '${not.replaced}' });
      const named = stack.control.restartInstance('auth-1', { env: { 'no name': '' } });
      await expect(named).rejects.toThrow(/no name/);
      const server = stack.control.restartInstance('toxiproxy', { env: { LITERAL: '' } });
      await expect(server).rejects.toThrow('toxiproxy is not a service');
    });

    it('is whole again when a scenario has left it cut, killed and paused', async () => {
      await stack.links.cut('auth→oidc');
      await stack.control.killInstance('auth-1');
      await restoreStack(stack);
      const { JWKS_URL = '' } = await environment('auth-1');
      expect((await fetch(JWKS_URL)).status).toBe(200);
      await stack.control.pause('auth-1');
      await restoreStack(stack);
      expect(await environment('auth-1')).toMatchObject({ SERVICE_INSTANCE: 'auth-1' });
    });

    it('is paused and goes on', async () => {
      await stack.control.pause('auth-1');
      const paused = await stack.control.status();
      expect(paused.resources.find(({ name }) => name === 'auth-1')?.state).toBe('paused');
      await stack.control.resume('auth-1');
      expect(await environment('auth-1')).toBeTruthy();
    });

    it('gets a second instance, which is stopped in order', async () => {
      const { id } = await stack.control.startInstance('auth');
      expect(id).toBe('auth-2');
      expect((await environment('auth-2'))['SERVICE_INSTANCE']).toBe('auth-2');
      expect(await stack.control.stopInstance('auth-2')).toEqual({ code: null, signal: 'SIGTERM' });
      const { instances } = (await stack.refresh()).services['auth'] ?? {};
      expect(instances?.map((instance) => instance.id)).toEqual(['auth-1']);
    });

    it('is addressed by its exact name', async () => {
      await expect(stack.control.killInstance('auth')).rejects.toThrow(
        /unknown resource "auth"; known resources: .*auth-1/,
      );
      await expect(stack.control.startInstance('order')).rejects.toThrow(/unknown service "order"/);
    });
  });

  describe('when it does not', () => {
    afterEach(() => expect(stillRunning(newestRun())).toEqual([]));

    it('fails the boot at once when it dies, with what it said', async () => {
      await expect(boot('dies')).rejects.toThrow(
        /auth-1 exited with code 3 before it was ready[\s\S]*cannot start: no licence found/,
      );
    });

    it('fails the boot after its own time-out, with its last answer', async () => {
      await expect(boot('never-ready')).rejects.toThrow(
        /readiness\.http of .*never-ready\.service\.yaml\): starting auth-1 took longer than 6000 ms; last answer: .*HTTP 503 warming the cache/,
      );
    });

    it('fails before anything starts when its program is not there', async () => {
      await expect(boot('no-program')).rejects.toThrow(
        /no-program\.service\.yaml: command: there is no `no-such-program` on the PATH; install it/,
      );
    });

    it('fails before anything starts when a placeholder has no value', async () => {
      await expect(boot('unknown-link')).rejects.toThrow(
        /unknown-link\.service\.yaml: env\.X: this service has no .*; its links: \$\{link\.oidc\}/,
      );
    });
  });

  describe('when it is built first', () => {
    /** Like a compiler, `cp` gives what it makes another time even when nothing is new. */
    const LINES = [
      ...['service: auth', 'version: 1.0.0', 'ports: [admin]'],
      ...['build: [cp, source.mjs, program.mjs]', 'command: [node, program.mjs]'],
      // biome-ignore lint/suspicious/noTemplateCurlyInString: a placeholder.
      'env: { ADMIN_PORT: "${port.admin}" }',
      // biome-ignore lint/suspicious/noTemplateCurlyInString: a placeholder.
      'readiness: { http: "http://127.0.0.1:${port.admin}/readyz" }',
    ];
    const bootBuilt = (manifest: string) =>
      bootStack({
        ...{ only: ['auth'], subjects: [manifest], keep: true },
        installation: tests.installation(),
      });

    it('shares a kept stack until what is built is something else', async () => {
      const folder = mkdtempSync(join(tests.runsFolder(), 'built-'));
      const manifest = join(folder, 'sagaproof.service.yaml');
      writeFileSync(manifest, LINES.join('\n'));
      const source = readFileSync(new URL('./fixtures/echo/main.ts', import.meta.url), 'utf8');
      writeFileSync(join(folder, 'source.mjs'), source);
      const first = await bootBuilt(manifest);
      const again = await bootBuilt(manifest);
      expect(again).toMatchObject({ reused: true, runFolder: first.runFolder });
      writeFileSync(join(folder, 'source.mjs'), `${source}\n`);
      const changed = await bootBuilt(manifest);
      expect(changed.reused).toBe(false);
      await Promise.all([first.down(), changed.down()]);
    });
  });

  it('runs as its manifest was read, also after the file is gone', async () => {
    const folder = mkdtempSync(join(tests.runsFolder(), 'read-once-'));
    const file = join(folder, 'sagaproof.service.yaml');
    const text = readFileSync(fixture('sagaproof'), 'utf8');
    writeFileSync(file, `${text}cwd: ${dirname(fixture('sagaproof'))}\n`);
    const only = ['auth'] as const;
    const input = await readInput({ only, subjects: [loadManifest(file)] });
    rmSync(folder, { recursive: true });
    await using stack = await bootInput(input, { only, installation: tests.installation() });
    expect(stack.addressBook.services['auth']).toMatchObject({ subject: true, manifest: file });
    expect(await stack.control.startInstance('auth')).toMatchObject({ id: 'auth-2' });
  });

  it('is not started by a stack that has stopped', async () => {
    const stack = await boot('sagaproof');
    const control = createControl(stack.addressBook.controlSocket);
    await stack.down();
    await expect(control.startInstance('auth')).rejects.toThrow(/does not answer/);
  });
});
