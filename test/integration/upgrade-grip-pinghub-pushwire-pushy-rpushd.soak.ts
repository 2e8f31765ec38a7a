// Twenty new processes, one after the other, under 1,000 messages a second and with 200 clients of each protocol.
import { describe, test } from 'node:test'
import { isMissing } from '../helpers/proxies.ts'
import { rehearseUpgrades } from '../helpers/rolling/rehearse-upgrades-grip-pinghub-pushwire-pushy-rpushd.ts'

const times = Number(process.env['RINGCAST_TIMES'] ?? 20)

describe('a new process', { skip: isMissing('nginx') }, () => {
  test(`takes the place of the one that runs, ${times} times, and nobody notices`, t =>
    rehearseUpgrades(t, {
      clients: 200,
      // Of its own for each client: what is measured is the change, and not how long the queues of one channel are.
      channels: 200,
      messagesPerSecond: 1_000,
      returnsPerSecond: 500,
      times,
    }))
})
