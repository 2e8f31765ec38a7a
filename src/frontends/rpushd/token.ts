// Checks the token of a stream request: who signed it is auth's matter, what it claims is judged here. Every
// refusal looks the same to the client, so there is one answer: yes or no. A token is checked when the stream
// opens; a running stream is not cut when its token expires. Tokens for the command line are minted here, too.
import assert from 'node:assert/strict'
import { createHmacVerifier, mintHmacToken } from '../../auth/hmac-token.ts'
import { isChannelName } from './codec.ts'
import { stringOf } from './json-string.ts'
import { readRecord } from './record.ts'

type TokenCheck = (token: string, channel: string, nowSeconds: number) => boolean

/** In this order the claims may also come as an array. */
const claims = ['aud', 'channel', 'exp', 'scope'] as const

const expiryMax = 2n ** 64n - 1n

/** `nowSeconds` is Unix time, with or without a fraction. */
export function createTokenCheck(secrets: readonly string[]): TokenCheck {
  const verify = createHmacVerifier(secrets)
  return (token, channel, nowSeconds) => {
    const payload = verify(token)
    if (payload === undefined) return false
    const read = readRecord(payload, claims)
    if (!read.ok) return false
    const [aud = '', claimed = '', exp = '', scope = ''] = read.values
    return (
      stringOf(aud) === 'rpushd' &&
      stringOf(scope) === 'subscribe' &&
      stringOf(claimed) === channel &&
      !isExpired(exp, nowSeconds)
    )
  }
}

/** A token as applications mint it, valid through the second `exp`. The channel has a name of rpushd's. */
export function mintToken(secret: string, channel: string, exp: number): string {
  assert(isChannelName(channel), 'whoever asks for a token has looked at the name')
  return mintHmacToken(secret, { aud: 'rpushd', channel, exp, scope: 'subscribe' })
}

/** rpushd 1.0.3: an unsigned integer of 64 bits written as one (`1.0` is none); its own second is still valid. */
function isExpired(exp: string, nowSeconds: number): boolean {
  if (!/^\d{1,20}$/.test(exp)) return true
  const expiry = BigInt(exp)
  return expiry > expiryMax || expiry < BigInt(Math.floor(nowSeconds))
}
