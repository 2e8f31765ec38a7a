// What comes from a server, as what it should be. A server that answers something else is none that we know.
import { type Epoch, type Offset, parseEpoch, parseOffset } from '../../engine/words/position.ts'
import { Fault } from '../../std/fault.ts'
import type { Reply } from './connection.ts'

function strange(what: string): Fault {
  return new Fault('broker-answer', `the server answered something else than ${what}`)
}

export function listOf(reply: Reply): readonly unknown[] {
  if (!Array.isArray(reply)) throw strange('a list')
  return reply
}

export function numberOf(reply: Reply): number {
  const number = typeof reply === 'number' ? reply : Number.NaN
  if (!Number.isSafeInteger(number)) throw strange('a number')
  return number
}

export function textOf(reply: Reply): string {
  if (typeof reply === 'string') return reply
  if (reply instanceof Buffer) return reply.toString()
  throw strange('a text')
}

export function bytesOf(reply: Reply): Buffer {
  if (!(reply instanceof Buffer)) throw strange('bytes')
  return reply
}

export function textsOf(reply: Reply): readonly string[] {
  return listOf(reply).map(textOf)
}

export function numbersOf(reply: Reply): readonly number[] {
  return listOf(reply).map(numberOf)
}

export function isMissing(reply: Reply): boolean {
  return reply === null || reply === undefined || reply === false
}

export function epochOf(reply: Reply): Epoch {
  return parseEpoch(textOf(reply))
}

export function offsetOf(reply: Reply): Offset {
  return parseOffset(numberOf(reply))
}
