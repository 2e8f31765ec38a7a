// What an application wants sent, out of its answer to a frame (contract §16). Pure. Payloads are cut out as they stand, so that
// long numbers and the order of members stay the publisher's own.
import { isUtf8 } from 'node:buffer'
import { isJson } from '../../../std/json-check.ts'
import { skipBlanks } from '../../../std/json-tokens.ts'
import { halfPairAt, passValue, stringAt, walkList, walkObject } from '../../../std/json-walk.ts'
import { parseClientId } from '../wire/operations.ts'

export interface Broadcast {
  /** As the application wrote it: it may be none of ours. */
  readonly channel: string
  /** JSON text. */
  readonly payload: Uint8Array
}

export interface AddressedFrame extends Broadcast {
  /** A client's id, in lower case. */
  readonly to: string
}

export interface Orders {
  readonly send: readonly AddressedFrame[]
  readonly broadcast: readonly Broadcast[]
}

/** Of both kinds together. */
const ordersMax = 64

const noOrders: Orders = { send: [], broadcast: [] }

const openBrace = 0x7b
const openBracket = 0x5b

/** A text: why there are none, for the operator. Then nothing of the answer holds. */
export function readOrders(body: Uint8Array): Orders | string {
  if (body.length === 0) return noOrders
  if (!isUtf8(body)) return 'a body that is not UTF-8'
  const text = Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString()
  if (!isJson(text) || halfPairAt(text) !== -1) return 'a body that is not JSON'
  const start = skipBlanks(text, 0)
  if (text.charCodeAt(start) !== openBrace) return 'a body that is no object'
  const members = placesIn(text, start)
  const [send, broadcast] = [itemsOf(text, members.get('send')), itemsOf(text, members.get('broadcast'))]
  if (send === undefined || broadcast === undefined) return 'send or broadcast that is no list of objects'
  if (send.length + broadcast.length > ordersMax) return `more than ${ordersMax} frames`
  const addressed = send.map(places => addressedFrameOf(text, places))
  const others = broadcast.map(places => broadcastOf(text, places))
  if (addressed.includes(undefined)) return 'a frame in send without to, channel or payload'
  if (others.includes(undefined)) return 'a frame in broadcast without channel or payload'
  return {
    send: addressed.filter(one => one !== undefined),
    broadcast: others.filter(one => one !== undefined),
  }
}

/** Where values begin, of equal names the last one. What is null is missing, but as a payload. */
type Places = ReadonlyMap<string, number>

function placesIn(text: string, start: number): Places {
  const places = new Map<string, number>()
  walkObject(text, start, (name, at) => {
    places.set(name, at)
    return passValue(text, at)
  })
  return places
}

function itemsOf(text: string, at: number | undefined): readonly Places[] | undefined {
  if (at === undefined || text.startsWith('null', at)) return []
  if (text.charCodeAt(at) !== openBracket) return undefined
  const items: Places[] = []
  let areObjects = true
  walkList(text, at, itemAt => {
    if (text.charCodeAt(itemAt) !== openBrace) areObjects = false
    // Those beyond the bound are counted and not looked into.
    else items.push(items.length < ordersMax ? placesIn(text, itemAt) : none)
    return passValue(text, itemAt)
  })
  return areObjects ? items : undefined
}

const none: ReadonlyMap<string, number> = new Map()

function broadcastOf(text: string, places: Places): Broadcast | undefined {
  const channel = textAt(text, places.get('channel'))
  const payloadAt = places.get('payload')
  if (channel === undefined || payloadAt === undefined) return undefined
  return { channel, payload: Buffer.from(text.slice(payloadAt, passValue(text, payloadAt))) }
}

function addressedFrameOf(text: string, places: Places): AddressedFrame | undefined {
  const to = parseClientId(textAt(text, places.get('to')) ?? '')
  const frame = broadcastOf(text, places)
  if (to === undefined || frame === undefined) return undefined
  return { to, ...frame }
}

function textAt(text: string, at: number | undefined): string | undefined {
  return at === undefined ? undefined : stringAt(text, at)
}
