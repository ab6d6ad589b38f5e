import type { Comparison } from '../comparison.ts';
import type { Finding } from '../finding.ts';
export async function checkAsyncapi(_: Comparison): Promise<Finding[]> {
  return [];
}
