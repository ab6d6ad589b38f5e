import { pino } from 'pino';
import { createContext, type OwnedContext } from './service.ts';

/** A context for a test: silent, on loopback, ended by `await using`. */
export function testContext(instance = 'test-1'): OwnedContext & AsyncDisposable {
  const context = createContext(
    {
      SERVICE_NAME: 'test',
      SERVICE_INSTANCE: instance,
      LOG_LEVEL: 'silent',
      ADMIN_PORT: 0,
      LISTEN_HOST: '127.0.0.1',
    },
    pino({ level: 'silent' }),
  );
  return { ...context, [Symbol.asyncDispose]: () => context.end() };
}
