// Holds what an origin received against what a row wants.
import assert, { deepEqual, equal, match, ok } from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import type { OriginRequest, RawOrigin } from '../../helpers/raw-origin.ts'
import { until } from '../../helpers/until.ts'
import type { Received, Wanted } from './expectations.ts'

const hourSeconds = 3_600
/** Clocks are read in two processes, and tokens may be kept for a moment. */
const slackSeconds = 10

export async function checkReceived(
  origin: RawOrigin,
  path: string,
  { requests, apart = [], isSharedByWorker, same }: Received,
  workers = 1,
): Promise<void> {
  await until(
    `the origin to be asked ${requests.length} times for ${path}`,
    () => origin.received(path).length >= requests.length,
  )
  const came = origin.received(path)
  const countMax = requests.length * (isSharedByWorker ? workers : 1)
  ok(came.length <= countMax, `the origin was asked ${came.length} times for ${path}, not ${countMax}`)
  for (const [index, request] of came.entries())
    compareReceived(request, requests[index % requests.length] ?? {})
  compareSame(came, same)
  for (const [index, [fromMs, toMs]] of apart.entries()) {
    const ms = (came[index + 1]?.atMs ?? 0) - (came[index]?.atMs ?? 0)
    ok(fromMs <= ms && ms <= toMs, `request ${index + 2} came after ${Math.round(ms)} ms`)
  }
}

function compareReceived(request: OriginRequest, wanted: Wanted): void {
  const { line, headers, body } = request
  if (wanted.line !== undefined) equal(line, `${wanted.line} HTTP/1.1`)
  let from = 0
  for (const [name, value] of wanted.has ?? []) {
    const at = headers.findIndex(
      ([each, own], index) =>
        index >= from && each.toLowerCase() === name.toLowerCase() && isValue(own, value),
    )
    ok(at >= 0, `no ${name}: ${value} at its place in\n${shown(request)}`)
    from = at + 1
  }
  for (const name of wanted.lacks ?? []) {
    const found = headers.filter(([each]) => isNamed(each.toLowerCase(), name.toLowerCase()))
    deepEqual(found, [], `${name} was sent`)
  }
  for (const name of wanted.once ?? []) {
    const found = headers.filter(([each]) => each.toLowerCase() === name.toLowerCase())
    equal(found.length, 1, `${name} has one line in\n${shown(request)}`)
  }
  if (wanted.body !== undefined) equal(body.toString('latin1'), wanted.body)
  if (wanted.bodyBytes !== undefined) equal(body.length, wanted.bodyBytes)
  if (wanted.signed !== undefined) compareSignature(request, wanted.signed)
}

function compareSame(requests: readonly OriginRequest[], names: readonly string[] = []): void {
  for (const name of names) {
    const values = requests.map(
      ({ headers }) => headers.find(([each]) => each.toLowerCase() === name.toLowerCase())?.[1],
    )
    ok(values[0] !== undefined, `there is a ${name}`)
    deepEqual(
      values,
      values.map(() => values[0]),
    )
  }
}

const isValue = (own: string, wanted: string | RegExp) =>
  typeof wanted === 'string' ? own === wanted : wanted.test(own)

const isNamed = (name: string, wanted: string) =>
  wanted.endsWith('*') ? name.startsWith(wanted.slice(0, -1)) : name === wanted

function shown({ line, headers }: OriginRequest): string {
  return [line, ...headers.map(([name, value]) => `${name}: ${value}`)].join('\n')
}

/** Contract §4.3. */
function compareSignature(
  request: OriginRequest,
  { iss, key }: { readonly iss: string; readonly key: string },
): void {
  const tokens = request.headers.filter(([name]) => name.toLowerCase() === 'grip-sig')
  equal(tokens.length, 1, `one signature in\n${shown(request)}`)
  const [head = '', claims = '', signature = ''] = tokens[0]?.[1].split('.') ?? []
  const jsonOf = (part: string) => JSON.parse(Buffer.from(part, 'base64url').toString())
  deepEqual(jsonOf(head), { typ: 'JWT', alg: 'HS256' })
  const { exp, ...rest } = jsonOf(claims)
  deepEqual(rest, { iss })
  assert(Number.isInteger(exp))
  const seconds = exp - Date.now() / 1_000
  ok(Math.abs(seconds - hourSeconds) < slackSeconds, `it has ${seconds} seconds to live`)
  equal(signature, createHmac('sha256', key).update(`${head}.${claims}`).digest('base64url'))
  match(signature, /^[\w-]{43}$/)
}
