import { defineFault } from '../../harness/links/fault.ts';
import { connectTo } from '../../harness/links/first-answer.ts';
import type { ActiveDisturbance, LinkControl } from '../../harness/links/link-control.ts';

/** What faults of links act on. */
export interface LinkContext {
  readonly links: LinkControl;
}

/** A local listener accepts or refuses at once; more means a machine that is too busy. */
const CONNECT_TIMEOUT_MS = 5_000;
const CUT_CODES: ReadonlySet<unknown> = new Set(['ECONNREFUSED', 'ECONNRESET']);

/**
 * Claims: the service has no connection to the dependency and gets none until the fault is lifted.
 * Checks: the link accepted a connection before, and now refuses or resets one.
 * Could be fooled: by a proxy that ended in between; then every link of the stack refuses.
 */
export const cut = defineFault({
  name: 'cut',
  async arm({ links }: LinkContext, link: string, _: object): Promise<ActiveDisturbance> {
    try {
      (await connectTo(links.find(link), AbortSignal.timeout(CONNECT_TIMEOUT_MS))).destroy();
    } catch (cause) {
      const { code, message } = cause as NodeJS.ErrnoException;
      if (code === undefined) throw cause;
      throw new Error(`link ${link} takes no connection before it is cut: ${message}`, { cause });
    }
    return links.cut(link);
  },
  async landed({ link }, { links }, signal) {
    const address = links.find(link);
    let code: string | undefined;
    try {
      (await connectTo(address, signal)).destroy();
    } catch (error) {
      ({ code } = error as NodeJS.ErrnoException);
      if (!CUT_CODES.has(code)) throw error;
    }
    if (code === undefined) throw new Error(`${address.listen} accepted a connection`);
    return `${address.listen} accepted a connection before and answers the next with ${code}`;
  },
  lift: (disturbance) => disturbance.restore(),
});
