// Publications as frames (contract §1.3), whatever protocol made them: members in the order of the contract, the payload
// as its publisher wrote it. The engine encodes once for all who share a format: there is one for each lap, for sockets
// and for each kind of event stream.
import type { Format } from '../../../engine/reader/subscriber.ts'
import type { Epoch } from '../../../engine/words/position.ts'
import type { Content, Publication, Renderings } from '../../../engine/words/publication.ts'
import { cursorOf, type Lap } from './cursors.ts'
import { eventHead } from './events.ts'
import { parseClientId } from './operations.ts'

/** What this front-end keeps of its publications beside their content stands under its name. */
const own = 'pushwire'

type ByLap = Readonly<Record<Lap, Format>>

export interface Formats {
  /** A frame is a text message. */
  readonly socket: ByLap
  /** For streams of one channel: a frame is an event, whose id is the whole position of its stream. */
  readonly stream: ByLap
  /** The same without the name of the event. */
  readonly unnamed: ByLap
  /**
   * For streams of several channels: a frame is the last line of an event. Its first ones, `eventHead`, have a stream's
   * own position, so they are not shared. Every publication is a frame, so those of a batch are numbered without a gap.
   */
  readonly line: ByLap
}

/** `nameOf`: a channel of the engine as the wire calls it. */
export function createFormats(nameOf: (channel: string) => string): Formats {
  const byLap = (id: string, encode: (frame: Frame, lap: Lap) => Uint8Array): ByLap => {
    const format = (lap: Lap): Format => ({
      id: lap === 0 ? id : `${id} ${lap}`,
      encode: (publication, epoch) =>
        encode(
          {
            publication,
            epoch,
            name: nameOf(publication.channel),
            cursor: cursorOf(lap, publication.offset),
          },
          lap,
        ),
    })
    return { 0: format(0), 1: format(1), 2: format(2), 3: format(3) }
  }
  return {
    socket: byLap('pushwire', frame => encodeFrame(frame, '', '', payloadOf(frame.publication.content))),
    stream: byLap('pushwire sse', frame => encodeEventFrame(frame, eventHead(frame.name, idOf(frame)))),
    unnamed: byLap('pushwire sse unnamed', frame =>
      encodeEventFrame(frame, eventHead(undefined, idOf(frame))),
    ),
    line: byLap('pushwire sse line', frame => encodeEventFrame(frame, '')),
  }
}

interface Frame {
  readonly publication: Publication
  readonly epoch: Epoch
  readonly name: string
  readonly cursor: number
}

function idOf({ name, epoch, cursor }: Frame): string {
  return `${name}:${epoch}.${cursor}`
}

function encodeEventFrame(frame: Frame, head: string): Uint8Array {
  return encodeFrame(frame, `${head}data: `, '\n\n', onOneLine(payloadOf(frame.publication.content)))
}

function encodeFrame(frame: Frame, before: string, behind: string, payload: Uint8Array): Uint8Array {
  const { publication, name, cursor } = frame
  const sender = senderOf(publication)
  const client = sender === undefined ? '' : `,"client_id":"${sender}"`
  return Buffer.concat([
    Buffer.from(`${before}{"channel":${JSON.stringify(name)},"cursor":${cursor},"payload":`),
    payload,
    Buffer.from(`${client}}${behind}`),
  ])
}

const nothing = Buffer.from('null')

/**
 * JSON as it is. Text becomes a JSON string, bytes become base64 in one. What has no content is `null`: a client counts
 * the cursors of a channel and takes one that it never sees for a loss (contract §3.2), so each place is a frame.
 */
function payloadOf({ kind, payload }: Content): Uint8Array {
  if (kind === 'json') return payload
  if (kind === 'none') return nothing
  const bytes = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength)
  return Buffer.from(JSON.stringify(bytes.toString(kind === 'text' ? 'utf8' : 'base64')))
}

const lineFeed = 0x0a
const carriageReturn = 0x0d
const blank = 0x20

/** Outside of strings a line end is white space, and inside of them JSON has none; UTF-8 has neither inside of others. */
function onOneLine(json: Uint8Array): Uint8Array {
  if (!json.includes(lineFeed) && !json.includes(carriageReturn)) return json
  return json.map(byte => (byte === lineFeed || byte === carriageReturn ? blank : byte))
}

/** For a draft that a client sent: others are told whose it is. */
export function sentBy(clientId: string): Renderings {
  return { [own]: { client_id: clientId } }
}

/** Undefined where no client of this front-end sent it. It may have come out of a file, so it is looked at. */
export function senderOf({ renderings }: Pick<Publication, 'renderings'>): string | undefined {
  const kept = renderings?.[own]
  if (typeof kept !== 'object' || kept === null || !('client_id' in kept)) return undefined
  const clientId = kept['client_id']
  return typeof clientId === 'string' ? parseClientId(clientId) : undefined
}
