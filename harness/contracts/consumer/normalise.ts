type Json = Readonly<Record<string, unknown>>;

/**
 * A pact as it is published: interactions by description, keys by name, and nothing that changes
 * with the version of the library that wrote it.
 */
export function normalisePact(pact: Json): unknown {
  const interactions = pact['interactions'] as ReadonlyArray<Json>;
  const described = interactions
    .map(({ pending: _, key: __, ...rest }) => rest as Json)
    .sort((a, b) => String(a['description']).localeCompare(String(b['description']), 'en'));
  const { consumer, provider } = pact;
  return sorted({
    consumer,
    interactions: described,
    metadata: { pactSpecification: { version: '4.0' } },
    provider,
  });
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, inner]) => [key, sorted(inner)]));
}
