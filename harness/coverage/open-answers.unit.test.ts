import { describe, expect, it } from 'vitest';
import { answerFields } from './open-answers.ts';

describe('the fields of an answer', () => {
  it('are all of those in it, however deep', () => {
    const body = { jobs: [{ jobId: 'a' }], nextPageToken: null };
    expect([...answerFields('GET /v1/jobs', body)]).toEqual([
      'answer.jobs[].jobId',
      'answer.nextPageToken',
    ]);
  });

  it('are the names at its top where the document leaves it open', () => {
    const body = { openapi: '3.1.0', info: { title: 'a' }, paths: { '/v1/orders': {} } };
    expect([...answerFields('GET /openapi.json', body)]).toEqual([
      'answer.openapi',
      'answer.info',
      'answer.paths',
    ]);
  });

  it('are none in one without a body', () => {
    expect([...answerFields('GET /openapi.json', undefined)]).toEqual([]);
  });
});
