/** Holds one history to the invariants in a process of its own, and tells what it took. */
import { checkFile } from '#harness/checker/check-file.ts';
import { INVARIANTS } from '#harness/invariants/all.ts';

const beganMs = performance.now();
const beganCpu = process.cpuUsage();
const { verdict, sources } = checkFile(process.argv[2] ?? '', INVARIANTS);
const { user, system } = process.cpuUsage(beganCpu);
process.stdout.write(
  `${JSON.stringify({
    verdict,
    events: sources.reduce((sum, source) => sum + source.events, 0),
    wallMs: performance.now() - beganMs,
    cpuMs: (user + system) / 1_000,
    rssMaxBytes: process.resourceUsage().maxRSS * 1_024,
  })}\n`,
);
