// What front-ends serve on the listener: at `/v1/<name>/…`, so that the bearer secret guards them like the API. A request
// comes to them with who asks, the path and the method judged.

import type { OperatorCall, OperatorRefusal, OperatorRoute } from '../frontends/operate.ts'
import { isIntact } from '../std/escaped-text.ts'
import type { Call } from './call.ts'

/** One front-end in this worker. */
export interface Operated {
  readonly name: string
  readonly routes: readonly OperatorRoute[]
  handle(call: OperatorCall): void
}

export interface OperatedMatch {
  readonly frontend: Operated
  readonly route: string
  /** HEAD among them where GET is. */
  readonly methods: readonly string[]
  readonly segments: Readonly<Record<string, string>>
}

const prefix = '/v1/'

/** `path` is raw, so that `%2F` is a part of a segment. A segment that is no UTF-8 fits nothing. */
export function matchOperated(all: readonly Operated[], path: string): OperatedMatch | undefined {
  for (const frontend of all) {
    const base = `${prefix}${frontend.name}/`
    if (!path.startsWith(base)) continue
    const parts = path.slice(base.length).split('/')
    for (const { path: route, methods } of frontend.routes) {
      const segments = segmentsOf(route.split('/'), parts)
      if (segments === undefined) continue
      return { frontend, route, methods: methods.includes('GET') ? [...methods, 'HEAD'] : methods, segments }
    }
  }
  return undefined
}

function segmentsOf(
  wanted: readonly string[],
  parts: readonly string[],
): Readonly<Record<string, string>> | undefined {
  if (wanted.length !== parts.length) return undefined
  const segments: Record<string, string> = {}
  for (const [index, want] of wanted.entries()) {
    const part = parts[index] ?? ''
    const name = /^\{(\w+)\}$/.exec(want)?.[1]
    if (name === undefined && want !== part) return undefined
    if (name === undefined) continue
    const segment = decoded(part)
    if (segment === undefined) return undefined
    segments[name] = segment
  }
  return segments
}

function decoded(part: string): string | undefined {
  if (!isIntact(part)) return undefined
  try {
    return decodeURIComponent(part)
  } catch {
    return undefined // an escape that is cut off
  }
}

export function operatorCall(
  call: Call,
  { route, segments }: OperatedMatch,
  bodyBytesMax: number,
): OperatorCall {
  return {
    route,
    segments,
    exchange: call.exchange,
    readBody: (done, bytesMax = bodyBytesMax) =>
      call.exchange.readBody(bytesMax, body => {
        if (body === undefined) call.refuseTooLarge(bytesMax)
        else done(body)
      }),
    answer(status, body) {
      if (body === undefined) call.send(status, { 'cache-control': 'no-store' })
      else call.json(body, status)
    },
    refuse: refusal => refuse(call, refusal),
  }
}

/** The front-end counts what it refuses. */
function refuse(call: Call, { status, code, title, detail = `${title}.` }: OperatorRefusal): void {
  const type = `urn:ringcast:refusal:${code}`
  const headers = { 'content-type': 'application/problem+json' }
  call.send(status, headers, JSON.stringify({ type, title, status, code, detail }))
}
