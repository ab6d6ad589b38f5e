import type { Comparison } from '../comparison.ts';
import type { Finding } from '../finding.ts';
export async function checkOpenapi(_: Comparison): Promise<Finding[]> {
  return [];
}
