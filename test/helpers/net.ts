// What servers share, in the thread of a test.
import { type Net, openNet } from '../../src/net/net.ts'
import { type NetSettings, netSection } from '../../src/net/settings.ts'
import { type Clock, systemClock } from '../../src/std/clock.ts'
import { defaultsOf } from './defaults.ts'

export const netDefaults = defaultsOf<NetSettings>(netSection.fields)

export function openTestNet(clock: Clock = systemClock, settings: Partial<NetSettings> = {}): Promise<Net> {
  return openNet(clock, { ...netDefaults, ...settings }, () => {})
}
