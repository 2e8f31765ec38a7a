import { deepEqual, equal, ok } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { batchMax, parsePublications } from '../../../src/admin/publications.ts'
import type { Draft } from '../../../src/engine/words/publication.ts'

function draftsOf(text: string): readonly Draft[] {
  const parsed = parsePublications(Buffer.from(text))
  ok(parsed.ok, JSON.stringify(parsed))
  return parsed.drafts
}

function pointerOf(text: string): string {
  const parsed = parsePublications(Buffer.from(text))
  ok(!parsed.ok && parsed.code === 'json-shape', text)
  return parsed.fault.pointer
}

describe('a publish body', () => {
  test('keeps JSON as it was written, without its white space', () => {
    const [draft] = draftsOf(
      ' {"data" : {"b":1.0,\n"a":12345678901234567890, "2":1,"1":2}, "channel":"news"}',
    )
    equal(String(draft?.content.payload), '{"b":1.0,"a":12345678901234567890,"2":1,"1":2}')
    deepEqual(
      { ...draft, content: draft?.content.kind },
      {
        channel: 'news',
        content: 'json',
        via: 'admin',
        idempotencyKey: undefined,
      },
    )
  })

  test('may be text, bytes, null, and a list', () => {
    const drafts = draftsOf(
      '[{"channel":"","text":"grüße"},{"channel":"b","base64":"AP8="},{"channel":"c","data":null,"idempotency_key":"k"}]',
    )
    deepEqual(
      drafts.map(({ channel, content, idempotencyKey }) => [
        channel,
        content.kind,
        Buffer.from(content.payload).toString('latin1'),
        idempotencyKey,
      ]),
      [
        ['', 'text', Buffer.from('grüße').toString('latin1'), undefined],
        ['b', 'bytes', '\x00\xff', undefined],
        ['c', 'json', 'null', 'k'],
      ],
    )
  })

  test('of the wrong shape is refused with the place of the fault', () => {
    const faults: readonly (readonly [text: string, pointer: string])[] = [
      ['1', '#'],
      ['null', '#'],
      ['[]', '#'],
      ['[1]', '#/0'],
      ['[{"channel":"a","data":1},{"channel":5,"data":1}]', '#/1/channel'],
      ['{"data":1}', '#/channel'],
      ['{"channel":"a"}', '#'],
      ['{"channel":"a","data":1,"text":"b"}', '#'],
      ['{"channel":"a","text":1}', '#/text'],
      ['{"channel":"a","text":"\\ud800"}', '#/text'],
      ['{"channel":"\\udc00","text":""}', '#/channel'],
      ['{"channel":"a","base64":"AP8"}', '#/base64'],
      ['{"channel":"a","base64":"A_8="}', '#/base64'],
      ['{"channel":"a","data":1,"idempotencyKey":"k"}', '#/idempotencyKey'],
      ['{"channel":"a","data":1,"x/~ y":1}', '#/x~1~0%20y'],
      ['{"channel":"a","channel":"b","data":1}', '#/channel'],
      ['{"channel":"a","data":1,"__proto__":1}', '#/__proto__'],
      ['{"channel":"a","data":1,"idempotency_key":""}', '#/idempotency_key'],
      ['{"channel":"a","data":1,"idempotency_key":null}', '#/idempotency_key'],
      [`{"channel":"a","data":1,"idempotency_key":"${'k'.repeat(256)}"}`, '#/idempotency_key'],
      [`{"channel":"${'c'.repeat(1025)}","data":1}`, '#/channel'],
      ['{"channel":"\\u0001c","data":1}', '#/channel'],
    ]
    for (const [text, pointer] of faults) equal(pointerOf(text), pointer, text)
  })

  test('reaches its bounds', () => {
    const entry = '{"channel":"a","data":1}'
    equal(draftsOf(`[${Array(batchMax).fill(entry).join()}]`).length, batchMax)
    equal(
      pointerOf(
        `[${Array(batchMax + 1)
          .fill(entry)
          .join()}]`,
      ),
      '#',
    )
    equal(
      draftsOf(`{"channel":"${'c'.repeat(1024)}","data":1,"idempotency_key":"${'k'.repeat(255)}"}`).length,
      1,
    )
  })

  test('is nested to a bound; deeper ones are refused before they are parsed', t => {
    const deep = (lists: number) => `{"channel":"a","data":${'['.repeat(lists)}${']'.repeat(lists)}}`
    equal(draftsOf(deep(127)).length, 1)
    const parse = t.mock.method(JSON, 'parse')
    for (const text of [deep(128), deep(500_000), `[${deep(127)}]`]) {
      const parsed = parsePublications(Buffer.from(text))
      deepEqual(parsed, {
        ok: false,
        code: 'json-shape',
        fault: { pointer: '#', detail: 'Objects and lists are nested deeper than 128.' },
      })
    }
    equal(parse.mock.callCount(), 0)
  })

  test('that is no JSON is refused as such', () => {
    for (const text of ['', '{', '{"channel":"a","data":01}', '\ufeff1', '1 1']) {
      const parsed = parsePublications(Buffer.from(text))
      equal(!parsed.ok && parsed.code, 'json-syntax', text)
    }
    const broken = parsePublications(Buffer.from('"\xff"', 'latin1'))
    equal(!broken.ok && broken.code, 'json-syntax')
  })
})
