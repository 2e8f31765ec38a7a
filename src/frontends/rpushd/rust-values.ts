// Values as the original's language reads them from text: numbers, socket addresses, white space and the filter of
// its log, each with the detail that its error messages end with.
import { isIPv4, isIPv6 } from 'node:net'

type Parsed<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly detail: string }

const numberMax = 2n ** 64n - 1n

/** Digits with an optional plus in front, up to 2^64 - 1; the first fault from the left is told. */
export function parseUnsigned(text: string): Parsed<bigint> {
  if (text === '') return { ok: false, detail: 'cannot parse integer from empty string' }
  const digits = text.startsWith('+') && text.length > 1 ? text.slice(1) : text
  let value = 0n
  for (const digit of digits) {
    if (!/^\d$/.test(digit)) return { ok: false, detail: 'invalid digit found in string' }
    value = value * 10n + BigInt(digit)
    if (value > numberMax) return { ok: false, detail: 'number too large to fit in target type' }
  }
  return { ok: true, value }
}

/** A literal address and a port: `1.2.3.4:80`, `[::1]:80`. The value is the same address as our settings write it. */
export function parseSocketAddress(text: string): Parsed<string> {
  const [, v6, v4, port = ''] = /^(?:\[([0-9a-fA-F:.]+)\]|([\d.]+)):(\d+)$/.exec(text) ?? []
  const isAddress = v6 === undefined ? isIPv4(v4 ?? '') : isIPv6(v6)
  const number = parseUnsigned(port)
  if (!isAddress || !number.ok || number.value > 65_535n) {
    return { ok: false, detail: 'invalid socket address syntax' }
  }
  return { ok: true, value: `${v6 === undefined ? v4 : `[${v6}]`}:${number.value}` }
}

/** Unicode's property White_Space, which is not what JavaScript trims: with U+0085, without U+FEFF. */
export function trimWhiteSpace(text: string): string {
  return text.replace(/^\p{White_Space}+|\p{White_Space}+$/gu, '')
}

/** By the number that may stand for it. */
const levels = ['off', 'error', 'warn', 'info', 'debug', 'trace'] as const

type Level = (typeof levels)[number]

/**
 * The level that a filter such as `info`, `warn,rpushd=debug` or `rpushd` gives to `target`: an approximation, for
 * spans and fields are not looked at. What cannot be read is `info`, nothing is `error`, as in the original.
 */
export function filterLevel(filter: string, target: string): Level {
  let general: Level = 'error'
  let own: Level | undefined
  for (const directive of filter.split(',')) {
    const [, name = '', , text] = /^([^=[\]{}]*)(\[[^=]*\])?(?:=([^=]*))?$/.exec(directive.trim()) ?? [
      directive,
    ]
    const level = parseLevel(text ?? name)
    if (text === undefined && level !== undefined) general = level
    else if (directive.includes('=') && level === undefined) return 'info'
    else if (name === target) own = level ?? 'trace'
  }
  return own ?? general
}

function parseLevel(text: string): Level | undefined {
  return levels.find((level, number) => level === text.toLowerCase() || String(number) === text)
}
