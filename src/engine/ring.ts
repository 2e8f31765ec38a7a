// Owner map: which member of an ordered list owns a key. Both maps repeat what nginx computes in an `upstream`
// block, so that a proxy in front sends a connection to the worker that owns its channel. Strings hash as their
// UTF-8 bytes. The empty key is hashed like any other; nginx does not hash it (it spreads such requests round
// robin), so for the empty key, and only for it, proxy and node disagree. Which labels exist is not decided here.
import assert from 'node:assert/strict'
import { crc32 } from 'node:zlib'

/** Index of the owner in the list that the map was made from. Pure: equal keys always have the same owner. */
export type OwnerMap = (key: Uint8Array | string) => number

/** Points for each unit of a label's weight; nginx fixes this number. */
const pointsPerLabel = 160

interface Point {
  readonly value: number
  readonly owner: number
}

/** The points of a ketama ring, rising. A hash belongs to the first point that is not below it, or to the first of all. */
export interface RingPoints {
  readonly values: Uint32Array
  /** Of each point: an index in the list of labels. */
  readonly owners: Uint16Array
}

/** How many values the plain map tells apart. */
export const plainValues = 0x8000

/** The map of nginx `hash KEY consistent`, for labels and weights as in its `server` lines; without weights all have one. */
export function ketamaRing(labels: readonly string[], weights: readonly number[] = []): OwnerMap {
  assert(labels.length > 0, 'a ring needs at least one label')
  if (labels.length === 1) return () => 0
  const { values, owners } = ketamaPoints(labels, weights)
  // A memo of names is not worth its memory: a name fresh from a request costs as much to look up as to hash.
  return key => owners[firstAtLeast(values, crc32(key))] ?? 0
}

export function ketamaPoints(labels: readonly string[], weights: readonly number[] = []): RingPoints {
  // The sort is stable and nginx keeps the first of equal points, so the label listed first wins them.
  const points = labels
    .flatMap((label, owner) => labelPoints(label, owner, weights[owner] ?? 1))
    .sort((a, b) => a.value - b.value)
    .filter((point, at, all) => at === 0 || point.value !== all[at - 1]?.value)
  return {
    values: Uint32Array.from(points, point => point.value),
    owners: Uint16Array.from(points, point => point.owner),
  }
}

/** The map of nginx `hash KEY` without `consistent`, for so many servers of weight one, or for each of these weights. */
export function plainRing(workers: number | readonly number[]): OwnerMap {
  const owners = plainOwners(typeof workers === 'number' ? Array.from({ length: workers }, () => 1) : workers)
  const total = owners.length
  assert(total > 0 && (typeof workers !== 'number' || total === workers), 'a ring needs at least one worker')
  return key => owners[plainValue(key) % total] ?? 0
}

/** By the value modulo their number: each server as often as its weight says, in their order. */
export function plainOwners(weights: readonly number[]): Uint16Array {
  return Uint16Array.from(weights.flatMap((weight, owner) => Array.from({ length: weight }, () => owner)))
}

/** nginx keeps 15 bits of the upper half, as Cache::Memcached did. Later rounds, for failed servers, do not apply. */
function plainValue(key: Uint8Array | string): number {
  return (crc32(key) >>> 16) & (plainValues - 1)
}

function labelPoints(label: string, owner: number, weight: number): Point[] {
  const { host, port } = splitLabel(label)
  const base = crc32(port, crc32('\0', crc32(host)))
  const previous = Buffer.alloc(4)
  const points: Point[] = []
  while (points.length < pointsPerLabel * weight) {
    const value = crc32(previous, base)
    points.push({ value, owner })
    previous.writeUInt32LE(value)
  }
  return points
}

/** As nginx splits a `server` line: the text as written, neither resolved nor lower-cased. */
function splitLabel(label: string): { host: string; port: string } {
  if (/^unix:/i.test(label)) return { host: label.slice(5), port: '' }
  const match = /^(.*):(\d*)$/s.exec(label)
  return { host: match?.[1] ?? label, port: match?.[2] ?? '' }
}

/** Index of the first value that is not below `wanted`; zero, the start of the ring, if there is none. */
export function firstAtLeast(values: Uint32Array, wanted: number): number {
  let low = 0
  let high = values.length
  while (low < high) {
    const middle = (low + high) >>> 1
    // The index is inside the array, so the default never applies; it only satisfies the type.
    if ((values[middle] ?? 0) < wanted) low = middle + 1
    else high = middle
  }
  return low === values.length ? 0 : low
}
