import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SERVICES } from '../kernel/address-book.ts';
import { packageAsset } from '../kernel/package-assets.ts';
import { retry } from '../kernel/poll.ts';
import { VERSION } from '../kernel/version.ts';
import { assembledBase, docker, missingDocker } from './images.testkit.ts';

const BUILD_TIMEOUT_MS = 600_000;
/** Node alone has 127 MB. */
const SIZE_BYTES_MAX = 150 * 1024 * 1024;
const PROJECT = ['compose', '--file', packageAsset('compose/compose.yaml')];
const compose = (...args: readonly string[]) => docker(...PROJECT, '--profile', 'system', ...args);
const imageOf = (name: string) => `sagaproof/${name}:${VERSION}`;
const NAMES = [...SERVICES, 'testbed'];
/** The service that needs no server of others: the only ones that no image of ours replaces. */
const SELF_CONTAINED = 'auth';

const missing = await missingDocker();
describe.skipIf(missing !== undefined)(`images${missing ? ` (${missing})` : ''}`, () => {
  beforeAll(async () => {
    const base = process.env['BASE_IMAGE'] ?? (await assembledBase());
    await execa('node', [packageAsset('harness/package/build-images.ts')], {
      env: { BASE_IMAGE: base, DOCKER_BUILDKIT: '0' },
      preferLocal: true,
    });
  }, BUILD_TIMEOUT_MS);

  afterAll(async () => {
    await compose('down', '--timeout', '5');
  });

  it.each(NAMES)('%s is small, does not run as root and has labels', async (name) => {
    const [image] = JSON.parse(await docker('image', 'inspect', imageOf(name)));
    expect(image.Size).toBeLessThan(SIZE_BYTES_MAX);
    expect(image.Config.User).toBe('65532:65532');
    expect(image.Config.Healthcheck.Test).toContain('/app/healthy.mjs');
    expect(image.Config.Labels).toMatchObject({
      'org.opencontainers.image.title': `sagaproof/${name}`,
      'org.opencontainers.image.version': VERSION,
      'org.opencontainers.image.revision': expect.stringMatching(/^[0-9a-f]{40}$/),
    });
  });

  it('are what Compose runs, in a file that it accepts with every profile', async () => {
    const config = await docker(...PROJECT, '--profile', '*', 'config', '--format', 'json');
    const { services } = JSON.parse(config) as { services: Record<string, { image: string }> };
    const own = Object.values(services).flatMap(({ image }) =>
      image.startsWith('sagaproof/') ? [image] : [],
    );
    expect(new Set(own)).toEqual(new Set(NAMES.map(imageOf)));
  });

  it('carries a bill of its materials', async () => {
    const read = ['-p', 'fs.readFileSync("/app/sbom.cdx.json", "utf8")'];
    const run = ['run', '--rm', '--entrypoint', '/nodejs/bin/node', imageOf(SELF_CONTAINED)];
    const { bomFormat, components } = JSON.parse(await docker(...run, ...read));
    expect(bomFormat).toBe('CycloneDX');
    expect(components.map(({ name }: { name: string }) => name)).toContain('@grpc/grpc-js');
  });

  it('has no shell', async () => {
    const shell = docker('run', '--rm', '--entrypoint', '/bin/sh', imageOf(SELF_CONTAINED));
    await expect(shell).rejects.toThrow(/no such file or directory/);
  });

  it('refuses to start without its environment, and names what is missing', async () => {
    const bare = docker('run', '--rm', '--read-only', '--cap-drop', 'ALL', imageOf(SELF_CONTAINED));
    await expect(bare).rejects.toThrow(/ADMIN_PORT: is not set/);
  });

  it('gives a developer the servers of a service with `compose --profile`', async () => {
    await docker(...PROJECT, '--profile', SELF_CONTAINED, 'up', '--detach', '--wait');
    const running = await docker(...PROJECT, '--profile', '*', 'ps', '--services');
    expect(running.split('\n').sort()).toEqual(['oidc', 'otlp']);
    const discovery = await fetch('http://127.0.0.1:9000/.well-known/openid-configuration');
    expect(await discovery.json()).toMatchObject({ issuer: 'http://oidc:9000' });
  });

  it('runs a service with a read-only root until it is healthy, and drains it', async () => {
    await compose('up', '--detach', '--wait', '--no-deps', SELF_CONTAINED);
    const id = await compose('ps', '--quiet', SELF_CONTAINED);
    await compose('stop', SELF_CONTAINED);
    const state = async () => {
      const [container] = JSON.parse(await docker('inspect', id));
      expect(container.State).toMatchObject({ Status: 'exited', ExitCode: 0 });
      expect(container.HostConfig).toMatchObject({ ReadonlyRootfs: true, CapDrop: ['ALL'] });
    };
    await retry('it has ended', state, { signal: AbortSignal.timeout(20_000) });
    expect(await docker('logs', id)).toContain('"msg":"drained"');
  });
});
