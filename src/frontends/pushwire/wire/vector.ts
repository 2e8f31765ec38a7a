// Where a client is in each of its channels, as one text (contract §5): `name:EPOCH.CURSOR,name:EPOCH.CURSOR`. It is the
// id of every event, so browsers hand it back by themselves; an application may write it without epochs, or as a JSON
// object, into the query.
import { type Epoch, parseEpoch } from '../../../engine/words/position.ts'
import { jsonFaultOf } from '../../../std/json-check.ts'
import { meaningOf, passValue, walkObject } from '../../../std/json-walk.ts'
import { ownText } from '../../../std/own-text.ts'
import { parseCursor } from './cursors.ts'

export interface Place {
  /** Undefined: the current one is meant. */
  readonly epoch: Epoch | undefined
  readonly cursor: number
}

/** By channel. */
export type Vector = ReadonlyMap<string, Place>

/** Each event of a stream of several channels has all of them in its id. */
export const vectorPlacesMax = 100
/** A head of a request, where it stands, is not much longer. */
export const vectorUnitsMax = 8_192

/** Names of channels as the configuration takes them (contract §16): a place of any other name is nobody's. */
const nameForm = /^[a-z][a-z0-9_.-]{0,63}$/
/** Of a name, a colon, an epoch as the engine mints them, a dot, a cursor and a comma: all but the name, at most. */
const unitsBesideName = 1 + 8 + 1 + 16 + 1

/** Whether positions in these channels can be written so that they can be read again. */
export function fitsVector(channels: readonly string[]): boolean {
  const units = channels.reduce((sum, name) => sum + name.length + unitsBesideName, 0)
  return channels.length <= vectorPlacesMax && units <= vectorUnitsMax
}

export function formatVector(places: Iterable<readonly [channel: string, place: Place]>): string {
  let text = ''
  for (const [channel, { epoch, cursor }] of places) {
    const position = epoch === undefined ? cursor : `${epoch}.${cursor}`
    text += `${text === '' ? '' : ','}${channel}:${position}`
  }
  return text
}

/** In either form; of equal names the last one counts. Undefined where the text is none; an empty one has no places. */
export function parseVector(text: string): Vector | undefined {
  if (text.length > vectorUnitsMax) return undefined
  const trimmed = text.trim()
  if (trimmed === '') return new Map()
  return trimmed.startsWith('{') ? parseObject(trimmed) : parseList(trimmed)
}

function parseList(text: string): Vector | undefined {
  const entries = text.split(',', vectorPlacesMax + 1)
  if (entries.length > vectorPlacesMax) return undefined
  const vector = new Map<string, Place>()
  for (const entry of entries) {
    const colon = entry.indexOf(':')
    const place = parsePlace(entry.slice(colon + 1).trim())
    if (colon === -1 || place === undefined) return undefined
    add(vector, entry.slice(0, colon).trim(), place)
  }
  return vector
}

const quote = 0x22

/** Members are cursors, or positions as texts. */
function parseObject(text: string): Vector | undefined {
  if (jsonFaultOf(text) !== undefined) return undefined
  const vector = new Map<string, Place>()
  let members = 0
  let isSound = true
  walkObject(text, 0, (name, at) => {
    const end = passValue(text, at)
    const raw = text.slice(at, end)
    // A number with a fraction is no epoch and cursor.
    const place = text.charCodeAt(at) === quote ? parsePlace(meaningOf(raw)) : placeOf(parseCursor(raw))
    members++
    if (place === undefined) isSound = false
    else add(vector, name, place)
    return end
  })
  return isSound && members <= vectorPlacesMax ? vector : undefined
}

function add(vector: Map<string, Place>, name: string, place: Place): void {
  if (nameForm.test(name)) vector.set(name, place)
}

function parsePlace(text: string): Place | undefined {
  const [, epoch, digits = ''] = /^(?:([\w-]{1,64})\.)?(\d{1,16})$/.exec(text) ?? []
  return placeOf(parseCursor(digits), epoch)
}

function placeOf(cursor: number | undefined, epoch?: string): Place | undefined {
  if (cursor === undefined) return undefined
  return { epoch: epoch === undefined ? undefined : parseEpoch(ownText(epoch)), cursor }
}
