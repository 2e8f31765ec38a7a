// The filters that alter a content by themselves (contract §7): `var-subst` puts the subscription's values into it, `build-id` an
// id of where its client is. Pure functions; errors are the original's.
import { type Directives, type Meaning, substitute } from './substitution.ts'

export type Meta = ReadonlyMap<string, string>

export function substituteVariables(content: Uint8Array, meta: Meta): Meaning {
  return substitute(content, variablesOf(meta))
}

/** `ids`: of the channels that have one, by the names that their origin has for them. */
export function buildIds(content: Uint8Array, meta: Meta, ids: Meta): Meaning {
  const format = meta.get('id_format')
  if (format === undefined) return { ok: false, error: "no sub meta 'id_format'" }
  const id = ids.size === 0 ? undefined : substitute(Buffer.from(format), variablesOf(ids))
  if (id?.ok === false) return { ok: false, error: `failed to render ID: ${id.error}` }
  const encoding = meta.get('id_encoding')
  if (encoding !== undefined && encoding !== 'hex') {
    return { ok: false, error: `unsupported encoding: ${encoding}` }
  }
  const encode = (bytes: Buffer): Buffer => (encoding === 'hex' ? Buffer.from(bytes.toString('hex')) : bytes)
  // Once for all places of a content.
  const own = id && encode(Buffer.from(id.bytes))
  return substitute(content, (letter, argument) => {
    if (letter !== 'I') return unknown(letter)
    if (argument !== undefined) return { ok: true, bytes: encode(Buffer.from(argument, 'latin1')) }
    return own === undefined
      ? { ok: false, error: 'No ID specified and no default ID in context' }
      : { ok: true, bytes: own }
  })
}

/** `%(NAME)s` alone. */
function variablesOf(values: Meta): Directives {
  return (letter, argument) => {
    if (letter !== 's') return unknown(letter)
    if (argument === undefined) return { ok: false, error: "Directive 's' requires argument" }
    const name = Buffer.from(argument, 'latin1').toString('utf8')
    const value = values.get(name)
    return value === undefined
      ? { ok: false, error: `No such variable '${name}'` }
      : { ok: true, bytes: Buffer.from(value) }
  }
}

function unknown(letter: string): Meaning {
  return { ok: false, error: `Unknown directive '${letter}'` }
}
