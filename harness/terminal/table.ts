import Table, { type TableConstructorOptions } from 'cli-table3';

/**
 * An empty table without colours of its own, so that it is plain text where nobody asked for paint.
 *
 * @param head titles of the columns
 * @param options `compact` leaves out the lines between rows
 */
export function newTable(
  head: readonly string[],
  { compact = false, ...layout }: TableLayout = {},
): Table.Table {
  return new Table({ ...layout, head: [...head], style: { head: [], border: [], compact } });
}

export interface TableLayout
  extends Pick<TableConstructorOptions, 'colAligns' | 'colWidths' | 'wordWrap'> {
  readonly compact?: boolean;
}
