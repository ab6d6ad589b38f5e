import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

const LOG4J = `rootLogger.level=WARN
rootLogger.appenderRef.stdout.ref=STDOUT
appender.console.type=Console
appender.console.name=STDOUT
appender.console.layout.type=PatternLayout
appender.console.layout.pattern=[%d] %p %m (%c)%n
`;

/** Warnings and errors to stdout, which is the resource's log. Returns the file's path. */
export function writeLog4j(folder: string): string {
  const file = join(folder, 'log4j2.properties');
  writeFileSync(file, LOG4J);
  return file;
}
