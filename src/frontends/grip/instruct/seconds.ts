// Times in GRIP's headers: whole seconds, zero or more.

/** The original reads 32 bits. */
const secondsMax = 2_147_483_647

type SecondsReading =
  | { readonly ok: true; readonly seconds: number | undefined }
  | { readonly ok: false; readonly error: string }

/**
 * `what` begins the error (contract §5.10), and `noun` ends the one of what is no number. Undefined where nothing is
 * said.
 */
export function parseSeconds(what: string, text: string | undefined, noun = ''): SecondsReading {
  if (text === undefined) return { ok: true, seconds: undefined }
  const seconds = /^[ \t]*[+-]?\d{1,10}[ \t]*$/.test(text) ? Number(text) : Number.NaN
  if (Number.isNaN(seconds) || Math.abs(seconds) > secondsMax) {
    return { ok: false, error: `failed to parse ${what}${noun}` }
  }
  return seconds < 0 ? { ok: false, error: `${what} has invalid value` } : { ok: true, seconds }
}
