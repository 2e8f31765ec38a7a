// `ringcast pub --pushwire-client`: a frame for one client, by the secret of the HTTP API.
import { deepEqual, equal, match } from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { adminSecret } from '../../helpers/admin-client.ts'
import { runCommand } from '../../helpers/command.ts'
import { type Daemon, startDaemon } from '../../helpers/daemon.ts'
import { clientIdOf, Tracker, WireClient } from '../../helpers/pushwire/wire-client.ts'
import { until } from '../../helpers/until.ts'

const channels = [{ name: 'system', system: true }, { name: 'mail', scope: 'client' }, { name: 'chat' }]

describe('pub --pushwire-client', () => {
  let daemon: Daemon
  before(async () => {
    daemon = await startDaemon({
      workers: 3,
      environment: {
        RINGCAST_ONLY: 'pushwire',
        RINGCAST_ADMIN_LISTEN: '127.0.0.1:0',
        RINGCAST_ADMIN_SECRET: adminSecret,
        RINGCAST_PUSHWIRE_CHANNELS: JSON.stringify(channels),
      },
    })
  })
  after(async () => {
    equal(await daemon.stop(), 0)
    deepEqual(daemon.errors, [])
  })

  const pub = (...args: readonly string[]) =>
    runCommand(['pub', '--url', `http://${daemon.address('admin')}`, '--pushwire-client', ...args], {
      environment: { RINGCAST_ADMIN_SECRET: adminSecret },
    })

  test('sends a client what it gets at once, or when it comes back, and prints the cursor and who was there', async () => {
    const tracker = new Tracker()
    const enter = async () => {
      const client = new WireClient(daemon.address('pushwire'), 'socket', {
        clientId: clientIdOf(1),
        channels: ['mail'],
        tracker,
      })
      await until('it to be let in', () => client.isLive)
      return client
    }
    const first = await enter()
    const { code, out } = await pub(clientIdOf(1), 'mail', '{"n":12345678901234567890}')
    equal(code, 0)
    await until('the frame', () => tracker.got.length === 1)
    equal(out, `${tracker.got[0]?.cursor} 1\n`)
    first.leave()
    await until('nobody to be there', async () =>
      /^\d+ 0\n$/.test((await pub(clientIdOf(1), 'mail', '--text', 'away')).out),
    )
    const again = await enter()
    await until('what it missed', () => tracker.got.at(-1)?.payload === 'away')
    equal(tracker.gaps, 0)
    again.leave()
  })

  const rows: readonly (readonly [what: string, args: readonly string[], code: number, says: RegExp])[] = [
    ['a client that was never there', [clientIdOf(77), 'mail', '1'], 1, /client-unknown/],
    ['an id that is none', ['me', 'mail', '1'], 2, /a client id of pushwire is a UUID, not 'me'/],
    ['a channel that is unknown', [clientIdOf(1), 'nope', '1'], 1, /channel-unknown/],
    ['a channel that is one for all', [clientIdOf(1), 'chat', '1'], 1, /channel-shared/],
    ['what is no JSON', [clientIdOf(1), 'mail', '{'], 2, /the data is not JSON/],
    ['bytes', [clientIdOf(1), 'mail', 'AA==', '--base64'], 2, /--base64 does not go with --pushwire-client/],
    ['lines', [clientIdOf(1), 'mail', '--lines'], 2, /--lines does not go with --pushwire-client/],
  ]
  for (const [what, args, code, says] of rows) {
    test(`refuses ${what}`, async () => {
      const ended = await pub(...args)
      match(ended.errors, says)
      deepEqual([ended.code, ended.out], [code, ''])
    })
  }
})
