/** Colours for a terminal, and plain lines for a file, a pipe and the log of a CI run. */
import colors from 'picocolors';

export type Paints = ReturnType<typeof colors.createColors>;

/** Leaves every text as it is. */
export const PLAIN: Paints = colors.createColors(false);

/** For what is written to a stream; `NO_COLOR` and then `FORCE_COLOR` have the last word. */
export const paintsFor = ({ isTTY }: { readonly isTTY?: boolean }): Paints =>
  colors.createColors(
    process.env['NO_COLOR'] ? false : isTTY === true || Boolean(process.env['FORCE_COLOR']),
  );
