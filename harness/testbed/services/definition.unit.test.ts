import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { chosenSubjects, defineServices } from './definition.ts';
import { loadManifest } from './manifest.ts';

const fixture = (name: string) =>
  loadManifest(fileURLToPath(new URL(`./fixtures/echo/${name}.service.yaml`, import.meta.url)));
const ECHO = fixture('sagaproof');
const ECHO_DIES = fixture('dies');

describe('which implementation of a service runs', () => {
  it('is the subject that the user named', () => {
    const [definition] = defineServices(new Set(['auth'] as const), [ECHO]);
    expect(definition).toMatchObject({ service: 'auth', subject: true, file: ECHO.file });
  });

  it('is the reference where nothing is named', () => {
    const [definition] = defineServices(new Set(['job-management'] as const), []);
    expect(definition).toMatchObject({ service: 'job-management', subject: false });
    expect(definition?.file).toMatch(
      /reference-services\/job-management\/sagaproof\.service\.yaml$/,
    );
  });

  it('cannot be two at once', () => {
    expect(() => defineServices(new Set(['auth'] as const), [ECHO, ECHO])).toThrow(
      'is auth already',
    );
  });

  it('is the configured subject only where its service runs and nothing else was named', () => {
    const auth = new Set(['auth'] as const);
    expect(chosenSubjects(auth, [], [ECHO])).toEqual([ECHO]);
    expect(chosenSubjects(auth, [ECHO_DIES], [ECHO])).toEqual([ECHO_DIES]);
    expect(chosenSubjects(new Set(['order'] as const), [], [ECHO])).toEqual([]);
    expect(chosenSubjects(new Set(['order'] as const), [ECHO], [])).toEqual([ECHO]);
  });

  it('cannot be of a service that was not ordered', () => {
    expect(() => defineServices(new Set(), [ECHO])).toThrow('auth is not part of the stack');
  });
});
