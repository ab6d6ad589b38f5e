import { describe, expect, it } from 'vitest';
import { itPassesUnaltered, itSurvivesGarbage, type Turn, Wiretap } from '../decoder.testkit.ts';
import { OpaqueError } from '../protocol.ts';
import { smtp } from './smtp.ts';

const CONVERSATION: Turn[] = [
  ['server', '220 mail.example ESMTP\r\n'],
  ['client', 'EHLO client\r\n'],
  ['server', '250-mail.example\r\n250-PIPELINING\r\n250 8BITMIME\r\n'],
  ['client', 'AUTH LOGIN\r\n'],
  ['server', '334 VXNlcm5hbWU6\r\n'],
  ['client', 'dXNlcg==\r\n'],
  ['server', '334 UGFzc3dvcmQ6\r\n'],
  ['client', 'c2VjcmV0\r\n'],
  ['server', '235 ok\r\n'],
  ['client', 'MAIL FROM:<shop@example.com> SIZE=9\r\nRCPT TO:<u-1@example.com>\r\nDATA\r\n'],
  ['server', '250 ok\r\n250 ok\r\n354 go on\r\n'],
  ['client', 'Subject: order o-1\r\n\r\n..dotted\r\nDATA\r\n.\r\n'],
  ['server', '250 queued\r\n'],
  ['client', 'MAIL FROM:<shop@example.com>\r\n'],
  ['server', '451 later\r\n'],
  ['client', 'XCLIENT a=b\r\nQUIT\r\n'],
  ['server', '500 what\r\n221 bye\r\n'],
];

describe('an SMTP connection', () => {
  itPassesUnaltered(smtp, CONVERSATION);
  itSurvivesGarbage(smtp, CONVERSATION);

  it('has each command with the code of its reply', () => {
    expect(new Wiretap(smtp).play(CONVERSATION).log).toEqual([
      'smtp.ehlo reply=250 → ok',
      'smtp.auth reply=235 → ok',
      'smtp.mail address=shop@example.com reply=250 → ok',
      'smtp.rcpt address=u-1@example.com reply=250 → ok',
      'smtp.data-command reply=354 → ok',
      'smtp.data bytes=41 reply=250 → ok',
      'smtp.mail address=shop@example.com reply=451 → error 451',
      'smtp.other command=xclient reply=500 → error 500',
      'smtp.quit reply=221 → ok',
    ]);
  });

  it('has the envelope in the content of a mail', () => {
    const tap = new Wiretap(smtp).play(CONVERSATION);
    const mail = tap.operations.find(({ name }) => name === 'smtp.data');
    const text = Buffer.concat([...(mail?.content ?? [])]).toString();
    expect(text).toContain('order o-1');
    expect(text).toContain('u-1@example.com');
  });

  it.each(['421', '451', '550'])('answers with %s', (code) => {
    const tap = new Wiretap(smtp).play([['client', 'MAIL FROM:<a@b>\r\n']]);
    const [operation] = tap.operations;
    tap.read(
      'server',
      (operation && tap.decoder.errorAnswer?.(operation, code)) ?? Buffer.alloc(0),
    );
    expect(tap.ends).toMatchObject([{ outcome: 'error', code }]);
  });

  it('takes an empty mail', () => {
    const tap = new Wiretap(smtp).play([
      ['client', 'DATA\r\n'],
      ['server', '354 go on\r\n'],
      ['client', '.\r\nQUIT\r\n'],
    ]);
    expect(tap.log).toEqual([
      'smtp.data-command reply=354 → ok',
      'smtp.data bytes=3 → …',
      'smtp.quit → …',
    ]);
  });

  it.each([
    ['TLS', Buffer.from('160301', 'hex')],
    ['STARTTLS', Buffer.from('STARTTLS\r\n')],
  ])('is opaque with %s', (_what, bytes) => {
    const decoder = smtp.open();
    expect(() => decoder.read('client', bytes)).toThrow(OpaqueError);
    expect(decoder.pending('client').equals(bytes)).toBe(true);
  });
});
