import { deepEqual, equal, ok } from 'node:assert/strict'
import { test } from 'node:test'
import { startDaemon } from '../../helpers/daemon.ts'
import { clientIdOf, Tracker, transports, WireClient } from '../../helpers/pushwire/wire-client.ts'
import { until } from '../../helpers/until.ts'

test('a connection of 85 channels with the longest names begins whole, resumes whole and has everything', async t => {
  const names = Array.from({ length: 85 }, (_, index) => `c${index}.`.padEnd(64, 'x'))
  const channels = [{ name: 'system', system: true }, ...names.map(name => ({ name, handler: 'broadcast' }))]
  const daemon = await startDaemon({
    workers: 1,
    environment: { RINGCAST_ONLY: 'pushwire', RINGCAST_PUSHWIRE_CHANNELS: JSON.stringify(channels) },
  })
  t.after(() => daemon.process.kill('SIGKILL'))
  const address = daemon.address('pushwire')
  for (const transport of transports) {
    const tracker = new Tracker()
    const coming = { clientId: clientIdOf(1), channels: names, tracker }
    for (const round of [1, 2]) {
      const client = new WireClient(address, transport, coming)
      await until('it to be let in', () => client.isLive || client.isClosed)
      ok(client.isLive, `${client.status}`)
      const publisher = new WireClient(address, 'socket', {
        ...coming,
        clientId: clientIdOf(2),
        tracker: new Tracker(),
      })
      await until('the publisher to be let in', () => publisher.isLive)
      for (const channel of names) publisher.send({ channel, payload: `${transport} ${round}` })
      await until('all frames', () => tracker.got.length === names.length * round)
      deepEqual([tracker.faults, tracker.gaps], [[], 0])
      client.leave()
      publisher.leave()
    }
  }
  equal(await daemon.stop(), 0)
  deepEqual(daemon.errors, [])
})
