// The health check of an image without shell and curl: a service answers /readyz, a server of the testbed listens.
import { connect } from 'node:net';

const { ADMIN_PORT, PORT } = process.env;
const TIMEOUT_MS = 2_000;
setTimeout(() => process.exit(1), TIMEOUT_MS);
if (ADMIN_PORT) {
  const answer = await fetch(`http://127.0.0.1:${ADMIN_PORT}/readyz`).catch(() => ({ ok: false }));
  process.exit(answer.ok ? 0 : 1);
}
connect({ port: Number(PORT) })
  .once('connect', () => process.exit(0))
  .once('error', () => process.exit(1));
