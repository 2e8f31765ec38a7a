// What a front-end declares beside its doors, by one that declares all that it can: defaults for its channels.
import { deepEqual, equal } from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { AdminClient, adminSecret } from '../helpers/admin-client.ts'
import { type Daemon, startDaemon } from '../helpers/daemon.ts'

const main = new URL('../helpers/whole/main.ts', import.meta.url)

describe('a front-end that declares all that it can', () => {
  let daemon: Daemon
  let admin: AdminClient

  before(async () => {
    const lists = { RINGCAST_WHOLE_SUBSCRIBE: '*', RINGCAST_WHOLE_PUBLISH: '*' }
    const environment = {
      RINGCAST_ONLY: 'whole',
      RINGCAST_NAMESPACES: '[{"pattern":"kept.all.*","historySize":100}]',
      RINGCAST_ADMIN_SECRET: adminSecret,
      ...lists,
    }
    daemon = await startDaemon({ main, workers: 2, environment })
    admin = new AdminClient(daemon.address('admin'))
  })

  after(async () => {
    equal(await daemon.stop(), 0)
    deepEqual(daemon.errors, [])
  })

  test('has its own defaults for channels, where the operator says nothing of them', async () => {
    const kept = async (channel: string) => {
      for (let n = 0; n < 5; n++) equal((await admin.publish({ channel, data: n })).status, 200)
      return (await admin.ask(`/v1/channels/${channel}/history`)).json().publications.length
    }
    deepEqual([await kept('kept.a'), await kept('kept.all.a'), await kept('other')], [3, 5, 0])
  })
})
