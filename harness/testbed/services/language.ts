import { basename } from 'node:path';
import type { ServiceManifest } from './manifest.ts';

/** Words of a command or of a build that show the language, in this order. */
const WORDS: ReadonlyArray<readonly [RegExp, string]> = [
  [/^go$/, 'Go'],
  [/^(?:cargo|rustc)$/, 'Rust'],
  [/^(?:mvn|mvnw|gradle|gradlew|java|javac)$|\.jar$/, 'Java'],
  [/^dotnet$|\.dll$/, '.NET'],
  [/^(?:python|python3|uv|poetry)$|\.py$/, 'Python'],
  [/^ruby$|\.rb$/, 'Ruby'],
  [/\.[cm]?tsx?$/, 'TypeScript'],
  [/^(?:node|npm|pnpm|yarn|bun|deno)$|\.[cm]?js$/, 'JavaScript'],
];

/** What a service is written in, if its manifest says so or its command or build shows it. */
export function languageOf({ language, build, command }: ServiceManifest): string | undefined {
  if (language !== undefined) return language;
  const words = [...(build ?? []), ...(command ?? [])].map((word) => basename(word));
  return WORDS.find(([pattern]) => words.some((word) => pattern.test(word)))?.[1];
}
