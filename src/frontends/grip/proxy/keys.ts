// Keys as the original's settings write them (contract §4.3): text, base64, or a file with PEM or hexadecimal digits. One
// key has one algorithm, and nothing that a token says chooses another (RFC 8725 section 3.1).
import { createPrivateKey, createPublicKey, createSecretKey, type KeyObject } from 'node:crypto'

export interface GripKey {
  readonly algorithm: 'HS256' | 'ES256' | 'RS256'
  readonly key: KeyObject
}

export type KeyReading =
  /** Undefined: the text is empty, and there is no key. */
  | { readonly ok: true; readonly key: GripKey | undefined }
  /** The end of a sentence that begins with what names the key. Nothing of the key is in it. */
  | { readonly ok: false; readonly mistake: string }

/** The text of a file, or undefined where it cannot be read. */
export type ReadKeyFile = (path: string) => string | undefined

/** RFC 7518 section 3.3. */
const rsaBitsMin = 2_048

export function parseKey(text: string, use: 'sign' | 'verify', readFile: ReadKeyFile): KeyReading {
  if (text.startsWith('base64:')) {
    const bytes = Buffer.from(text.slice('base64:'.length), 'base64')
    return bytes.length === 0 ? { ok: false, mistake: 'is no base64' } : secretOf(bytes)
  }
  if (!text.startsWith('file:'))
    return text === '' ? { ok: true, key: undefined } : secretOf(Buffer.from(text))
  const path = text.slice('file:'.length)
  const content = readFile(path)
  if (content === undefined) return { ok: false, mistake: `names ${path}, which cannot be read` }
  if (content.includes('-----BEGIN ')) return pairOf(content, use, path)
  const digits = content.trim()
  const isHex = digits !== '' && /^(?:[0-9A-Fa-f]{2})+$/.test(digits)
  if (isHex) return secretOf(Buffer.from(digits, 'hex'))
  return { ok: false, mistake: `names ${path}, which has neither a key in PEM nor one in hexadecimal digits` }
}

function secretOf(bytes: Buffer): KeyReading {
  return { ok: true, key: { algorithm: 'HS256', key: createSecretKey(bytes) } }
}

function pairOf(pem: string, use: 'sign' | 'verify', path: string): KeyReading {
  let key: KeyObject
  try {
    key = use === 'sign' ? createPrivateKey(pem) : createPublicKey(pem)
  } catch {
    // The library's text may quote what it read.
    return { ok: false, mistake: `names ${path}, which has no ${use === 'sign' ? 'private' : 'public'} key` }
  }
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = key
  if (type === 'ec' && details?.namedCurve === 'prime256v1')
    return { ok: true, key: { algorithm: 'ES256', key } }
  if (type !== 'rsa')
    return { ok: false, mistake: `names ${path}, whose key is neither for ES256 nor for RS256` }
  if ((details?.modulusLength ?? 0) < rsaBitsMin) {
    return { ok: false, mistake: `names ${path}, whose key has fewer than ${rsaBitsMin} bits` }
  }
  return { ok: true, key: { algorithm: 'RS256', key } }
}
