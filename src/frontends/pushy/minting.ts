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
  const patterns = textsOf(channels.text, patternsMax)
  const fits = patterns?.every(pattern => Buffer.byteLength(pattern) <= patternBytesMax)
  if (!fits) return misfit('channels')
  // What it must begin with is looked at first: only what may be taken is parsed.
  const [sub = 'null', meta = 'null'] = [parameters.get('sub'), parameters.get('meta')]
  if (sub !== 'null' && !sub.startsWith('"')) return misfit('sub')
  if (meta !== 'null' && !meta.startsWith('{')) return misfit('meta')
  return {
    ok: true,
    claims: {
      ...(sub !== 'null' && { sub: JSON.parse(sub) }),
      channels: patterns,
      ...(meta !== 'null' && { meta: JSON.parse(meta) }),
      ...(exp !== undefined && { exp }),
    },
  }
}

function misfit(detail: string): ClaimsReading {
  return { ok: false, reason: 'parameter-invalid', detail }
}
