// `ringcast upgrade` where something stands in its way, and what the service manager hears of it.
import { deepEqual, equal, match } from 'node:assert/strict'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { describe, type TestContext, test } from 'node:test'
import { AdminClient } from '../helpers/admin-client.ts'
import { runCommand } from '../helpers/command.ts'
import { temporaryFolder } from '../helpers/installed.ts'
import { openNoticeSocket } from '../helpers/notices.ts'
import { freePort } from '../helpers/proxies.ts'
import { startUpgradedNode, type UpgradedNode } from '../helpers/rolling/upgraded-node.ts'
import { until } from '../helpers/until.ts'

/** A node with a settings file, which a new process reads anew. */
async function scene(
  t: TestContext,
  environment: Readonly<Record<string, string>> = {},
): Promise<{ node: UpgradedNode; admin: AdminClient; write(settings: object): void }> {
  const path = join(temporaryFolder(t, 'settings'), 'ringcast.json')
  const write = (settings: object) => writeFileSync(path, JSON.stringify(settings))
  write({ only: 'pinghub', history: { size: 10 } })
  const address = `127.0.0.1:${await freePort()}`
  const node = await startUpgradedNode(t, 'node', {
    workers: 2,
    address: () => address,
    environment: {
      RINGCAST_CONFIG: path,
      RINGCAST_ADMIN_LISTEN: address,
      ...environment,
    },
  })
  return { node, admin: new AdminClient(address), write }
}

/** Where it stands. */
async function publish(admin: AdminClient, text: string): Promise<[epoch: string, offset: number]> {
  const { status, json } = await admin.publish(JSON.stringify({ channel: 'news', text }))
  equal(status, 200)
  const [epoch = '', offset] = String(json().position).split('.')
  return [epoch, Number(offset)]
}

describe('ringcast upgrade', () => {
  test('says that there is no node, and which setting names its folder', async t => {
    const none = await runCommand(['upgrade'])
    deepEqual(
      [none.code, none.errors],
      [1, 'ringcast: no state directory is known; set RINGCAST_STATE_DIR as for the node\n'],
    )
    const folder = temporaryFolder(t, 'state')
    const nobody = await runCommand(['upgrade', '--state-dir', folder])
    equal(nobody.code, 1)
    match(nobody.errors, /^ringcast: no node that runs with .* can be reached: connect ENOENT/)
  })

  test('of one that cannot have an address leaves the old process serving, and with others goes on in its numbering', async t => {
    const taken = createServer().listen(0, '127.0.0.1')
    t.after(() => taken.close())
    await once(taken, 'listening')
    const { port } = taken.address() as AddressInfo // it listens on a port
    const { node, admin, write } = await scene(t, { RINGCAST_RPUSHD_LISTEN: `127.0.0.1:${port}` })
    const [epoch, first] = await publish(admin, '0')
    const before = node.pid()
    write({ only: 'pinghub,rpushd' })
    const refused = await node.upgrade()
    equal(refused.code, 1)
    match(refused.errors, /process \d+ ended with 1; its last line says why/)
    match(node.daemon.errors.join('\n'), /rpushd cannot listen on 127\.0\.0\.1:\d+/)
    deepEqual([node.pid(), await publish(admin, '1')], [before, [epoch, first + 1]])
    // Before anything is started.
    write({ only: 'pinghub', history: { size: 'many' } })
    match((await node.upgrade()).errors, /^ringcast: history\.size must be a whole number/)

    // More is kept, by as many workers as the environment says.
    write({ only: 'pinghub', history: { size: 20 } })
    await node.restart()
    deepEqual(await publish(admin, '2'), [epoch, first + 2])
    const { json } = await admin.ask('/v1/channels/news/history')
    deepEqual(
      json().publications.map(({ text }: { text: string }) => text),
      ['0', '1', '2'],
    )
  })

  test('tells the service manager who the main process is, by the shipped drop-in', async t => {
    const dropIn = readFileSync(join(import.meta.dirname, '../../deploy/systemd/upgrade.conf'), 'utf8')
    match(dropIn, /^ExecReload=\nExecReload=\/usr\/bin\/ringcast upgrade$/m)
    const { path, notices } = await openNoticeSocket(t)
    const { node } = await scene(t, { NOTIFY_SOCKET: path })
    await node.restart()
    await until('the notices', () => notices.some(notice => notice.startsWith('MAINPID=')))
    const told = notices.filter(notice => !notice.startsWith('STATUS='))
    deepEqual(
      told.toSorted(),
      [`MAINPID=${node.pid()}`, ...Array(2).fill('READY=1 STATUS=2 of 2 workers serve')].toSorted(),
    )
  })
})
