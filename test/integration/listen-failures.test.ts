// An address that cannot be had: start says which one and why, and check says what can be known before.
import { deepEqual, equal } from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { test } from 'node:test'
import { runCommand } from '../helpers/command.ts'
import { launch } from '../helpers/daemon.ts'

/** No resolver is asked for it: a label has 63 characters at most. */
const unknownHost = `${'x'.repeat(64)}.example`

const production = {
  RINGCAST_MODE: 'production',
  RINGCAST_ONLY: 'rpushd',
  RINGCAST_RPUSHD_SECRET: 'd6f1a0b7c2e94835a1f0',
  RINGCAST_RPUSHD_PUBLISH_SECRET: 'e6f1a0b7c2e94835a1f1',
}

async function refusal(listen: string): Promise<readonly string[]> {
  const daemon = launch({ workers: 1, environment: { ...production, RINGCAST_RPUSHD_LISTEN: listen } })
  equal(await daemon.ended, 1)
  return daemon.errors
}

const sentence = (address: string, reason: string) => [
  `ringcast: rpushd cannot listen on ${address}: ${reason}; set RINGCAST_RPUSHD_LISTEN to another`,
]

test('start names the cause', async t => {
  const other = createServer().listen(0, '127.0.0.1')
  t.after(() => other.close())
  await once(other, 'listening')
  const { port } = other.address() as AddressInfo // of a listening TCP server
  const taken = `127.0.0.1:${port}`
  deepEqual(await refusal(taken), sentence(taken, 'another process listens there'))
  // For documentation alone (RFC 5737), so no machine has it.
  deepEqual(await refusal('192.0.2.1:45831'), sentence('192.0.2.1:45831', 'this machine has no such address'))
  deepEqual(
    await refusal(`${unknownHost}:45831`),
    sentence(`${unknownHost}:45831`, `the host ${unknownHost} is not known (ENOTFOUND)`),
  )
})

test('check refuses a host that is not known, and an address that is none', async () => {
  const checked = async (listen: string) => {
    const environment = { ...production, RINGCAST_RPUSHD_LISTEN: listen }
    const { code, errors } = await runCommand(['check'], { environment })
    return [code, errors]
  }
  deepEqual(await checked('localhost:45831'), [0, ''])
  deepEqual(await checked(`${unknownHost}:45831`), [
    1,
    `ringcast: RINGCAST_RPUSHD_LISTEN is ${unknownHost}:45831: the host ${unknownHost} is not known (ENOTFOUND)\n`,
  ])
  const environment = {
    ...production,
    RINGCAST_ONLY: 'pinghub',
    RINGCAST_PINGHUB_SUBSCRIBE: '*',
    RINGCAST_PINGHUB_PUBLISH: '*',
    RINGCAST_PINGHUB_METRICS_LISTEN: `${unknownHost}:1`,
    RINGCAST_RPUSHD_LISTEN: `${unknownHost}:2`,
  }
  const { errors } = await runCommand(['check'], { environment })
  equal(
    errors,
    `ringcast: RINGCAST_PINGHUB_METRICS_LISTEN is ${unknownHost}:1: the host ${unknownHost} is not known (ENOTFOUND)\n`,
    'of whatever is started, and of nothing else',
  )
  deepEqual(await checked('300.1.1.1:45831'), [
    1,
    "ringcast: RINGCAST_RPUSHD_LISTEN must be an address (host:port, a port, unix:/path, or 'off'), not '300.1.1.1:45831'\n",
  ])
})
