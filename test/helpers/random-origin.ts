// Answers of all framings, cut and paced by chance, and an origin that gives them as they are planned.
import type { RawOrigin } from './outgoing-origin.ts'
import { type OriginConnection, openRawOrigin } from './outgoing-origin.ts'

/** A whole number from 0 to below `limit`. */
export type Chance = (limit: number) => number

export function chanceOf(seed: number): Chance {
  let state = seed
  return limit => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff
    return (state >> 8) % limit
  }
}

export interface Plan {
  readonly body: Buffer
  readonly bytes: Buffer
  /** How many of them are said. */
  readonly cut: number
  readonly then: 'stay' | 'fin' | 'reset'
  /** The answer is whole at the end of what is said and done. */
  readonly isWhole: boolean
}

export function planOf(chance: Chance, fill: number): Plan {
  const body = Buffer.alloc(chance(4) === 0 ? chance(400_000) : chance(300), fill)
  const framing = (['length', 'chunks', 'close', 'none'] as const)[chance(4)] ?? 'length'
  const bytes = Buffer.from(
    textOf(framing, chance(2) === 0 ? 'Connection: close\r\n' : '', body, chance),
    'latin1',
  )
  const isCut = chance(2) === 0
  const ends = (['fin', 'reset', 'stay'] as const)[chance(isCut ? 2 : 3)] ?? 'fin'
  const then = framing === 'close' && ends === 'stay' ? 'fin' : ends
  // A body up to the close is whole with its FIN, wherever that comes behind the head.
  const cut = isCut && framing !== 'close' ? chance(bytes.length) : bytes.length
  const isWhole = cut === bytes.length && (then !== 'reset' || framing !== 'close')
  return { body: framing === 'none' ? Buffer.alloc(0) : body, bytes, cut, then, isWhole }
}

function textOf(framing: string, close: string, body: Buffer, chance: Chance): string {
  const text = body.toString('latin1')
  if (framing === 'length') return `HTTP/1.1 200 OK\r\n${close}Content-Length: ${text.length}\r\n\r\n${text}`
  if (framing === 'close') return `HTTP/1.1 200 OK\r\n\r\n${text}`
  if (framing === 'none') return 'HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n'
  const chunks: string[] = []
  for (let at = 0; at < text.length; ) {
    const data = text.slice(at, at + 1 + chance(5_000))
    chunks.push(`${data.length.toString(16)}\r\n${data}\r\n`)
    at += data.length
  }
  return `HTTP/1.1 200 OK\r\n${close}Transfer-Encoding: chunked\r\n\r\n${chunks.join('')}0\r\n\r\n`
}

export const pause = (ms: number) => new Promise(resolve => setTimeout(resolve, ms))

async function give(connection: OriginConnection, plan: Plan, chance: Chance): Promise<void> {
  for (let at = 0; at < plan.cut; ) {
    const piece = plan.bytes.subarray(
      at,
      Math.min(plan.cut, at + 1 + chance(chance(4) === 0 ? 100_000 : 200)),
    )
    connection.socket.write(piece)
    at += piece.length
    if (at < plan.cut && chance(3) === 0) await pause(chance(3))
  }
  if (plan.then === 'fin') connection.socket.end()
  if (plan.then === 'reset') connection.socket.resetAndDestroy()
}

/** Asked for `/N`, it does what is planned for N. */
export function openRandomOrigin(
  t: Parameters<typeof openRawOrigin>[0],
  plans: ReadonlyMap<number, Plan>,
  chance: Chance,
): Promise<RawOrigin> {
  const serve = (connection: OriginConnection): void => {
    let from = 0
    connection.socket.on('data', () => {
      const asked = /(?:GET|POST) \/(\d+) HTTP.*?\r\n\r\n/s.exec(connection.text.slice(from))
      if (asked === null) return
      from += asked.index + asked[0].length
      const plan = plans.get(Number(asked[1]))
      if (plan !== undefined) void give(connection, plan, chance)
    })
  }
  return openRawOrigin(t, { serve })
}
