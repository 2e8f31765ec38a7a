// Whether a client is a GRIP proxy itself (contract §4.4): its token is signed by `upstream_key` and not expired. What is
// invalid makes an ordinary client, and no error.

import { isUtf8 } from 'node:buffer'
import { createHmac, timingSafeEqual, verify } from 'node:crypto'
import type { Clock } from '../../../std/clock.ts'
import { isJson } from '../../../std/json-check.ts'
import type { GripKey } from './keys.ts'
import { type RawHeaders, valuesOf } from './raw-headers.ts'

export type TrustCheck = (raw: RawHeaders) => boolean

/** A head has no room for more; those of GRIP proxies have 150 to 500 characters. */
const tokenLengthMax = 4_096

/** Several keys while one replaces another. Without any nobody is trusted. */
export function createTrustCheck(keys: readonly GripKey[], clock: Clock): TrustCheck {
  return raw => {
    if (keys.length === 0) return false
    const [token] = valuesOf(raw, 'grip-sig')
    if (token === undefined || token.length > tokenLengthMax) return false
    const groups = /^([\w-]+\.([\w-]+))\.([\w-]+)$/.exec(token)
    if (groups === null) return false
    const [, signed = '', payload = '', signature = ''] = groups
    if (!keys.some(key => isSignedBy(key, signed, Buffer.from(signature, 'base64url')))) return false
    const expiry = expiryOf(Buffer.from(payload, 'base64url'))
    return expiry !== undefined && expiry > clock.unixMs() / 1_000
  }
}

/** The header of a token is signed and never decoded: a key has its one algorithm. */
function isSignedBy({ algorithm, key }: GripKey, signed: string, signature: Buffer): boolean {
  if (algorithm === 'HS256') {
    const expected = createHmac('sha256', key).update(signed).digest()
    return signature.length === expected.length && timingSafeEqual(signature, expected)
  }
  return verify('sha256', Buffer.from(signed), { key, dsaEncoding: 'ieee-p1363' }, signature)
}

/** Unix seconds. A token without one is none. */
function expiryOf(payload: Buffer): number | undefined {
  if (!isUtf8(payload)) return undefined
  const text = payload.toString()
  if (!isJson(text)) return undefined
  const claims: unknown = JSON.parse(text)
  const isObject = typeof claims === 'object' && claims !== null && 'exp' in claims
  return isObject && typeof claims.exp === 'number' ? claims.exp : undefined
}
