// What takes a daemon of the tests back to what a newcomer gets: development mode, secrets that it makes up.
import { defaults } from './daemon.ts'

/** For `DaemonOptions.environment`. */
export const development: Readonly<Record<string, string | undefined>> = {
  ...Object.fromEntries(
    Object.entries(defaults).map(([name, value]) => [name, isKept(name, value) ? value : undefined]),
  ),
  RINGCAST_MODE: 'development',
  // No test stops a node to see it stop.
  RINGCAST_DRAIN_SPREAD_MS: '0',
}

/** Where channels are a protocol's own, tests name others than a newcomer finds. */
function isKept(name: string, value: string): boolean {
  return value === '127.0.0.1:0' || name.endsWith('_CHANNELS')
}
