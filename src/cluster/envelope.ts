// What travels between nodes and what a broker keeps of a publication: everything but its channel and offset, which stand
// beside it. Others may write to a broker, too: whatever comes from there is judged before it is used.

import { type Body, type Draft, isPackedBody, packBody, unpackBody } from '../engine/words/publication.ts'
import { packBriefly, unpack } from '../std/msgpack.ts'

/** Raised where older nodes would misread. Elements that they may pass over can follow without that. */
const version = 1

/** What stands for something that is not there: a byte. */
const nothing = null

/** For as long as it is on its way: see `packBriefly`. */
export function encodeEnvelope(draft: Draft): Uint8Array {
  const [kind, payload, meta = nothing, renderings = nothing, sequence = nothing] = packBody(draft)
  return packBriefly([version, kind, payload, meta, renderings, sequence, draft.via])
}

/**
 * What it says; `newer`: a later version wrote it; `foreign`: it is none of ours. Its payload is a view on the bytes.
 */
export function decodeEnvelope(bytes: Uint8Array): Body | 'newer' | 'foreign' {
  const value = read(bytes)
  if (!Array.isArray(value)) return 'foreign'
  const [wrote, kind, payload, meta, renderings, sequence] = value as readonly unknown[] // a list of anything
  if (typeof wrote === 'number' && Number.isSafeInteger(wrote) && wrote > version) return 'newer'
  const body = [kind, payload, meta ?? undefined, renderings ?? undefined, sequence ?? undefined]
  return wrote === version && isPackedBody(body) ? unpackBody(body) : 'foreign'
}

function read(bytes: Uint8Array): unknown {
  try {
    return unpack(bytes)
  } catch {
    // Anything: it is no msgpack.
    return undefined
  }
}
