/** Colours for a terminal; plain text for files, pipes and CI logs. */
import colors from 'picocolors';

export type Paints = ReturnType<typeof colors.createColors>;

/** Applies no colour. */
export const PLAIN: Paints = colors.createColors(false);

/** Colours for a stream; `NO_COLOR`, then `FORCE_COLOR`, override the detection. */
export const paintsFor = ({ isTTY }: { readonly isTTY?: boolean }): Paints =>
  colors.createColors(
    process.env['NO_COLOR'] ? false : isTTY === true || Boolean(process.env['FORCE_COLOR']),
  );
