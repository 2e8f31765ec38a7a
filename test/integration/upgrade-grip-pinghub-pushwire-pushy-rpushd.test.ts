// A new process takes the place of the one that runs, under load in every protocol: no connect and no publish is refused, whoever
// says where it was has everything once, and whoever does not has everything up to its close. The soak does it twenty times.
import { describe, test } from 'node:test'
import { isMissing } from '../helpers/proxies.ts'
import { rehearseUpgrades } from '../helpers/rolling/rehearse-upgrades-grip-pinghub-pushwire-pushy-rpushd.ts'

describe('a new process', { skip: isMissing('nginx') }, () => {
  test('takes the place of the one that runs, twice, and nobody notices', t =>
    rehearseUpgrades(t, {
      clients: 8,
      channels: 2,
      messagesPerSecond: 300,
      returnsPerSecond: 20,
      times: 2,
    }))
})
