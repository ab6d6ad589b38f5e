import { expect, it } from 'vitest';
import { javaProperties } from './java-properties.ts';

it('writes a line for each entry', () => {
  expect(javaProperties({ 'log.dirs': '/tmp/a b', port: 9092 })).toBe(
    'log.dirs=/tmp/a b\nport=9092\n',
  );
});

it('escapes backslashes and what is not ASCII', () => {
  expect(javaProperties({ a: 'C:\\実é😀' })).toBe('a=C:\\\\\\u5b9f\\u00e9\\ud83d\\ude00\n');
});
