// What no single setting can be blamed for by its type.
import { parseAddress } from '../../std/address.ts'
import type { PinghubSettings } from './settings.ts'

/** One sentence each. */
export function mistakesIn({
  metricsListen,
  subscribe,
  publish,
  pingMs,
  pongMs,
}: PinghubSettings): readonly string[] {
  const sentences = [...slashed('SUBSCRIBE', subscribe), ...slashed('PUBLISH', publish)]
  if (pongMs <= pingMs) {
    sentences.push(
      `RINGCAST_PINGHUB_PONG_MS is ${pongMs}, not longer than RINGCAST_PINGHUB_PING_MS with ${pingMs}: every client would be cut`,
    )
  }
  if (parseAddress(metricsListen)?.path !== undefined) {
    sentences.push(`RINGCAST_PINGHUB_METRICS_LISTEN is ${metricsListen}, but metrics are told over TCP alone`)
  }
  return sentences
}

/** No channel begins with a slash, for a path with two of them is cleaned. */
function slashed(key: string, patterns: readonly string[]): string[] {
  const unfit = patterns.filter(pattern => pattern.startsWith('/'))
  return unfit.map(
    pattern =>
      `RINGCAST_PINGHUB_${key} has '${pattern}', which fits no channel: a channel is a path without its first slash; did you mean ${pattern.replace(/^\/+/, '') || '*'}?`,
  )
}
