// What no single setting can be blamed for by its type.
import { parseAddress } from '../../std/address.ts'
import { parseOrigin } from './origin.ts'
import type { PinghubSettings } from './settings.ts'

/** One sentence each. */
export function mistakesIn({ metricsListen, origins, pingMs, pongMs }: PinghubSettings): readonly string[] {
  // The original lets everybody in then whose origin has no scheme either.
  const unfit = origins.filter(text => parseOrigin(text) === undefined)
  const sentences = unfit.map(
    text => `RINGCAST_PINGHUB_ORIGINS has '${text}', which is no origin: write scheme://host[:port]`,
  )
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
