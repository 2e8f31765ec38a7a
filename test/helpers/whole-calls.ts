// Whole calls of tests, and origins that do as they are told with each request.
import type { LookupFunction } from 'node:net'
import type { TestContext } from 'node:test'
import { createIsForbidden } from '../../src/net/outgoing/forbidden-addresses.ts'
import type { WholeAnswer, WholeLimits, WholeRequest } from '../../src/net/outgoing/whole-call.ts'
import { WholeCalls, type WholeCallsOptions } from '../../src/net/outgoing/whole-calls.ts'
import { systemClock } from '../../src/std/clock.ts'
import type { OriginConnection } from './outgoing-origin.ts'
import { until } from './until.ts'

export function openWholeCalls(
  t: Pick<TestContext, 'after'>,
  options: Partial<WholeCallsOptions> = {},
): WholeCalls {
  const isForbidden = createIsForbidden([], [])
  const calls = new WholeCalls({ clock: systemClock, isForbidden, ...options })
  t.after(() => calls.close())
  return calls
}

/** Beyond the patience of any test: what is over by it hangs. */
const patientMs = 50_000

export const patient: WholeLimits = { timeoutMs: patientMs, answerBytesMax: 65_536 }

export function questionTo(port: number): WholeRequest {
  return {
    target: { host: '127.0.0.1', port },
    method: 'POST',
    path: '/ask',
    rawHeaders: ['Host', 'a.example'],
    body: Buffer.from('{}'),
  }
}

export async function ask(
  calls: WholeCalls,
  port: number,
  limits: Partial<WholeLimits> = {},
  more: Partial<WholeRequest> = {},
): Promise<WholeAnswer> {
  const answers: WholeAnswer[] = []
  const done = (answer: WholeAnswer) => void answers.push(answer)
  calls.call({ ...questionTo(port), ...more }, { ...patient, ...limits }, done)
  // Looked for again and again, since nothing else may keep the process alive.
  return until('an answer', () => answers[0])
}

/** In a few words: status and body, or kind and code. */
export function wordOf(answer: WholeAnswer): string {
  return answer.ok
    ? `${answer.status} ${Buffer.from(answer.body).toString('latin1')}`
    : `${answer.kind} ${answer.code}`
}

/** A resolver that says these, one after the other, the last one for ever. */
export function resolving(...addresses: readonly string[]): LookupFunction {
  const left = [...addresses]
  return (_host, { all }, done) => {
    const address = (left.length > 1 ? left.shift() : left[0]) ?? ''
    const family = address.includes(':') ? 6 : 4
    if (all === true) done(null, [{ address, family }])
    else done(null, address, family)
  }
}

export const sized = (body: string, status = '200 OK') =>
  `HTTP/1.1 ${status}\r\nContent-Length: ${body.length}\r\n\r\n${body}`

/** The first of these at the end of the first request, and so on; the last for ever. */
export const saying =
  (...answers: readonly ((connection: OriginConnection) => void)[]) =>
  (connection: OriginConnection): void => {
    const left = [...answers]
    connection.socket.on('data', () => {
      if (!isWhole(connection.text)) return
      connection.received().then(() => {
        const next = left.length > 1 ? left.shift() : left[0]
        next?.(connection)
      })
    })
  }

function isWhole(request: string): boolean {
  const end = request.indexOf('\r\n\r\n')
  const length = /content-length: (\d+)\r\n/.exec(request)?.[1]
  return end >= 0 && request.length === end + 4 + Number(length)
}

export const says = (text: string) => (connection: OriginConnection) => void connection.say(text)
export const saysNothing = (): void => {}
