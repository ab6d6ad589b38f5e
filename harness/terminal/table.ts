import Table, { type TableConstructorOptions } from 'cli-table3';

/**
 * Creates an empty table that adds no colours itself.
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
