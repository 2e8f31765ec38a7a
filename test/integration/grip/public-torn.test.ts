// An origin that dies in the middle of anything never looks complete to a client (issue 15; contract §14, fault 5): plain answers,
// first pages, next pages, answers that would be held, requests that are asked again.
import { deepEqual, equal, ok } from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { tappedTls } from '../../helpers/grip/tapped-tls.ts'
import { startGrip } from '../../helpers/grip-stage.ts'
import type { RawClient } from '../../helpers/raw-client.ts'
import { type OriginAnswer, RawOrigin } from '../../helpers/raw-origin.ts'
import { until } from '../../helpers/until.ts'

const http = 'HTTP/1.1 200 OK\r\n'
const stream = 'Grip-Hold: stream\r\nGrip-Channel: c\r\n'
const poll = 'Grip-Hold: response\r\nGrip-Channel: c\r\n'
const nextOf = (at: string) => `Grip-Link: <${at}/next>; rel=next; timeout=0\r\n`
const half = 'x'.repeat(60_000)
/** Beyond what is collected of a page. */
const large = 'x'.repeat(150_000)
const inChunks = (body: string) =>
  `Transfer-Encoding: chunked\r\n\r\n${body.length.toString(16)}\r\n${body}\r\n`
const ofLength = (body: string) => `Content-Length: ${body.length * 2}\r\n\r\n${body}`
const untilClose = (body: string) => `\r\n${body}`

const framings = {
  'in chunks': inChunks,
  'of a length': ofLength,
  'until the end of the connection': untilClose,
}
const ends = ['close', 'reset'] as const

/** By name: what is asked, and answers by path. */
const phases = (frame: (body: string) => string, end: (typeof ends)[number], at: string) => {
  const torn = (headers: string, body = half): OriginAnswer => ({
    pieces: [`${http}${headers}${frame(body)}`],
    gapMs: 20,
    ends: end,
  })
  const next = nextOf(at)
  const firstPage: OriginAnswer = { pieces: [`${http}${stream}${next}Content-Length: 6\r\n\r\nfirst\n`] }
  return {
    'a plain answer': [['', [torn('')]]],
    'a first page': [['', [torn(stream)]]],
    'a first page without a hold': [['', [torn(next)]]],
    'a next page that passes': [
      ['', [firstPage]],
      ['/next', [torn(stream, large)]],
    ],
    'an answer to be held': [['', [torn(poll)]]],
    'an instruction': [['', [torn('Content-Type: application/grip-instruct\r\n')]]],
  } satisfies Record<string, readonly (readonly [string, readonly OriginAnswer[]])[]>
}

/** How the answer ended, as a client of HTTP would see it. */
async function seen(client: RawClient): Promise<'whole' | 'torn' | '502'> {
  const head = await client.waitFor('a head, or the end', () => client.takeHead() ?? client.closed)
  if (head === true) return 'torn'
  if (head.status === 502) return '502'
  const chunked = head.text.includes('Transfer-Encoding: chunked')
  if (!chunked) {
    const [, length] = /content-length: (\d+)/i.exec(head.text) ?? []
    await until('the end', () => client.closed || client.bytes.length >= Number(length ?? Infinity))
    return client.bytes.length >= Number(length) ? 'whole' : 'torn'
  }
  while ((await client.chunk()) !== undefined);
  return client.hasLastChunk ? 'whole' : 'torn'
}

async function play(
  t: TestContext,
  isTls: boolean,
  isPlayed: (framing: string, end: string, phase: string) => boolean,
): Promise<void> {
  const origin = await RawOrigin.open()
  t.after(() => origin.close())
  const stage = await startGrip(t, { routes: `* ${origin.address}`, workers: 1, isTls })
  let count = 0
  for (const [framing, frame] of Object.entries(framings)) {
    for (const end of ends) {
      // The end of the connection is the end of such a body, where it is no reset.
      if (framing === 'until the end of the connection' && end === 'close') continue
      for (const name of Object.keys(phases(frame, end, ''))) {
        if (!isPlayed(framing, end, name)) continue
        await t.test(`${name}, ${framing}, by ${end}`, async () => {
          const at = `/${count++}`
          const scripts = Object.entries(phases(frame, end, at)).find(([phase]) => phase === name)?.[1] ?? []
          for (const [path, answers] of scripts) origin.script({ path: at + path, answers })
          const client = stage.get(at)
          const how = await seen(client)
          ok(how !== 'whole', how)
          client.leave()
        })
      }
    }
  }
  equal(await stage.daemon.stop(), 0)
  deepEqual(stage.daemon.errors, [])
}

test('an origin that breaks off does not look complete', t => play(t, false, () => true))

/** What nothing has left of is answered as elsewhere; a page that breaks off is asked for once more, which takes a second. */
test('nor does it over TLS, where something has left already', t =>
  play(t, true, (framing, end, phase) => {
    if (end !== 'reset' || ['an answer to be held', 'an instruction'].includes(phase)) return false
    return framing === 'in chunks' || phase !== 'a next page that passes'
  }))

/**
 * A client of HTTP/1.0 is told the end by that of the connection. TLS has an alert for it, whose absence is all that a client
 * can see (RFC 9112 §9.8); it is a record of its own, in the clear up to TLS 1.2.
 */
test('over TLS a client of HTTP/1.0 sees a closing alert behind what is whole alone', async t => {
  const origin = await RawOrigin.open()
  t.after(() => origin.close())
  const stage = await startGrip(t, { routes: `* ${origin.address}`, workers: 1, isTls: true })
  const torn = `${http}${inChunks(half)}`
  origin.script({ path: '/whole', answers: [{ pieces: [`${torn}0\r\n\r\n`] }] })
  origin.script({ path: '/torn', answers: [{ pieces: [torn], gapMs: 20, ends: 'close' }] })
  origin.script({ path: '/reset', answers: [{ pieces: [torn, ''], gapMs: 50, ends: 'reset' }] })
  const hasAlert = async (path: string) => {
    const { bytes, lastRecord } = await tappedTls(stage.place, `GET ${path} HTTP/1.0\r\n\r\n`)
    ok(bytes > half.length || path === '/reset', path)
    return lastRecord === 'alert'
  }
  equal(await hasAlert('/whole'), true)
  equal(await hasAlert('/torn'), false)
  equal(await hasAlert('/reset'), false)
  equal(await stage.daemon.stop(), 0)
  deepEqual(stage.daemon.errors, [])
})
