// Two doors on one port, as two workers have them, and one closes while clients wait at both. The kernel resets those that wait at
// the one that closes, unless the shipped settings say otherwise: in a network of its own, once without them and once with.
import { deepEqual, ok } from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'
import { shipped } from '../helpers/proxies.ts'

const clients = 40
const source = (path: string) => JSON.stringify(new URL(`../../src/${path}`, import.meta.url).href)

/** Prints how many clients were answered, and how many not. They have connected, and nobody was accepted, when the door closes. */
const script = `
  import { connect } from 'node:net'
  import { Door } from ${source('net/gate/door.ts')}
  import { systemClock } from ${source('std/clock.ts')}
  const doors = []
  let port = 0
  for (const _ of [1, 2]) {
    const door = new Door(systemClock, { host: '127.0.0.1', port }, socket => socket.end('welcome'))
    await door.open()
    port = door.address.port
    doors.push(door)
  }
  const answers = Array.from({ length: ${clients} }, () => new Promise(resolve => {
    const client = connect({ host: '127.0.0.1', port })
    client.on('data', () => resolve('answered'))
    client.on('error', ({ code }) => resolve(code))
  }))
  process.nextTick(() => doors[0].closeNow())
  const outcomes = await Promise.all(answers)
  const answered = outcomes.filter(outcome => outcome === 'answered').length
  console.log(JSON.stringify({ answered, others: outcomes.filter(outcome => outcome !== 'answered') }))
  process.exit(0)
`

const inOwnNetwork = (commands: string) =>
  spawnSync(
    'unshare',
    [
      ...['--user', '--map-root-user', '--net', 'sh', '-ec'],
      `PATH="$PATH:/usr/sbin:/sbin"; ip link set lo up; ${commands}`,
      ...[process.execPath, script],
    ],
    { encoding: 'utf8' },
  )

const migrates = /^net\.ipv4\.tcp_migrate_req = (\d)$/m
const setting = (value: string) => `echo ${value} > /proc/sys/net/ipv4/tcp_migrate_req`

function outcomesWith(value: string): { answered: number; others: string[] } {
  const { stdout, stderr } = inOwnNetwork(`${setting(value)}; exec "$0" --input-type=module -e "$1"`)
  ok(stdout !== '', stderr)
  return JSON.parse(stdout)
}

const trial = inOwnNetwork(setting('1'))
const skip =
  trial.status !== 0 && `this system gives no network of its own: ${trial.error?.message ?? trial.stderr}`

test('whoever waits at a door that closes is reset by the kernel as it comes', { skip }, () => {
  const { answered, others } = outcomesWith('0')
  ok(others.length > 0 && answered > 0, `${answered} were answered`)
  deepEqual([...new Set(others)], ['ECONNRESET'])
})

test('with the shipped settings another worker answers all of them', { skip }, () => {
  const [, value = '0'] = migrates.exec(shipped('sysctl/90-ringcast.conf')) ?? []
  deepEqual(outcomesWith(value), { answered: clients, others: [] })
})
