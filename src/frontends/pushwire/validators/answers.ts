// What a validator says to a client that it does not let in, and why the texts are as they are: they reach strangers.
import type { Verdict } from './validator.ts'

/** Contract §6.2. */
const messageLengthMax = 256

export const unauthorized = refusal('unauthorized')
export const expired = refusal('token expired')
export const unavailable: Verdict = { ok: false, reason: 'unavailable', message: 'unavailable' }

/** In the application's own words, as far as there are any: 256 characters, and no half of one. */
export function refusal(words: unknown): Verdict {
  const text = typeof words === 'string' ? words : ''
  const cut = Array.from(text.slice(0, 2 * messageLengthMax))
    .slice(0, messageLengthMax)
    .join('')
  return { ok: false, reason: 'refused', message: cut.toWellFormed() || 'unauthorized' }
}
