// An address that cannot be had: start says which one and why, and check says what can be known before.
import { deepEqual, equal, fail } from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { test } from 'node:test'
import { frontends } from '../../src/app/worker.ts'
import * as registry from '../../src/frontends/registry.ts'
import { variableOf } from '../../src/settings/names.ts'
import { runCommand } from '../helpers/command.ts'
import { defaults, launch } from '../helpers/daemon.ts'

/** No resolver is asked for it: a label has 63 characters at most. */
const unknownHost = `${'x'.repeat(64)}.example`

/** One that is started, and one that is not. */
const [name = '', other = ''] = Object.keys(registry).reverse()
const variable = variableOf(name, 'listen')
const production = { ...defaults, RINGCAST_ONLY: name }

async function refusal(listen: string): Promise<readonly string[]> {
  const daemon = launch({ workers: 1, environment: { ...production, [variable]: listen } })
  equal(await daemon.ended, 1)
  return daemon.errors
}

const sentence = (address: string, reason: string) => [
  `ringcast: ${name} cannot listen on ${address}: ${reason}; set ${variable} to another`,
]

test('start names the cause', async t => {
  const stranger = createServer().listen(0, '127.0.0.1')
  t.after(() => stranger.close())
  await once(stranger, 'listening')
  const { port } = stranger.address() as AddressInfo // of a listening TCP server
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
    const environment = { ...production, [variable]: listen }
    const { code, errors } = await runCommand(['check'], { environment })
    return [code, errors]
  }
  deepEqual(await checked('localhost:45831'), [0, ''])
  deepEqual(await checked(`${unknownHost}:45831`), [
    1,
    `ringcast: ${variable} is ${unknownHost}:45831: the host ${unknownHost} is not known (ENOTFOUND)\n`,
  ])
  // Any of its addresses, not the main one alone.
  const { section } = frontends.find(one => one.name === other) ?? fail(other)
  const addresses = Object.entries(section.fields).filter(([, { type }]) => type === 'address')
  const lastAddress = variableOf(other, addresses.at(-1)?.[0] ?? '')
  const environment = {
    ...production,
    RINGCAST_ONLY: other,
    [lastAddress]: `${unknownHost}:1`,
    [variable]: `${unknownHost}:2`,
  }
  const { errors } = await runCommand(['check'], { environment })
  equal(
    errors,
    `ringcast: ${lastAddress} is ${unknownHost}:1: the host ${unknownHost} is not known (ENOTFOUND)\n`,
    'of whatever is started, and of nothing else',
  )
  deepEqual(await checked('300.1.1.1:45831'), [
    1,
    `ringcast: ${variable} must be an address (host:port, a port, unix:/path, or 'off'), not '300.1.1.1:45831'\n`,
  ])
})
