// A request for a token to what the token claims, as publishers ask for it on behalf of their users.
import { need, type Parameters, textsOf } from './parameters.ts'
import type { Reason } from './refusals.ts'

type ClaimsReading =
  | { readonly ok: true; readonly claims: object }
  | { readonly ok: false; readonly reason: Reason; readonly detail: string }

/** More would not fit into the head of a request. */
const patternsMax = 100
const patternBytesMax = 1_024

/** `exp` in Unix seconds; undefined: the token does not expire. `detail` is the parameter that does not fit. */
export function readClaims(parameters: Parameters, exp: number | undefined): ClaimsReading {
  const channels = need(parameters, 'channels')
  if (!channels.ok) return { ok: false, reason: channels.reason, detail: 'channels' }
  const patterns = textsOf(channels.text)
  const fits =
    patterns !== undefined &&
    patterns.length <= patternsMax &&
    patterns.every(pattern => Buffer.byteLength(pattern) <= patternBytesMax)
  if (!fits) return misfit('channels')
  const sub: unknown = JSON.parse(parameters.get('sub') ?? 'null')
  if (sub !== null && typeof sub !== 'string') return misfit('sub')
  const meta: unknown = JSON.parse(parameters.get('meta') ?? 'null')
  if (meta !== null && (typeof meta !== 'object' || Array.isArray(meta))) return misfit('meta')
  return {
    ok: true,
    claims: {
      ...(sub !== null && { sub }),
      channels: patterns,
      ...(meta !== null && { meta }),
      ...(exp !== undefined && { exp }),
    },
  }
}

function misfit(detail: string): ClaimsReading {
  return { ok: false, reason: 'parameter-invalid', detail }
}
