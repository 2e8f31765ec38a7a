// The command that follows a channel by all protocols of a node in development: what it prints, how it goes on where a
// connection broke or its output is not read, and what it says of a protocol that does not take the subscription.
import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { describe, type TestContext, test } from 'node:test'
import { frontends } from '../../src/app/worker.ts'
import { type RunningCommand, runCommand, startCommand } from '../helpers/command.ts'
import { type Daemon, startDaemon } from '../helpers/daemon.ts'
import { development } from '../helpers/development.ts'
import { temporaryFolder } from '../helpers/installed.ts'
import { protocols } from '../helpers/protocols/ground.ts'
import { freePort } from '../helpers/proxies.ts'
import { until } from '../helpers/until.ts'

/** Whose wire tells positions, so that a client goes on where it was. */
const counting = protocols.filter(({ hasPositions }) => hasPositions).map(({ name }) => name)
const names = frontends.filter(({ play }) => play !== undefined).map(({ name }) => name)

async function start(t: TestContext, environment: Readonly<Record<string, string>> = {}): Promise<Daemon> {
  const daemon = await startDaemon({ workers: 2, environment: { ...development, ...environment } })
  t.after(() => daemon.process.kill('SIGKILL'))
  return daemon
}

async function stops(daemon: Daemon): Promise<void> {
  equal(await daemon.stop(), 0)
  deepEqual(daemon.errors, [])
}

const urlOf = (daemon: Daemon) => `http://${daemon.address('admin')}`

function follow(t: TestContext, url: string, ...flags: readonly string[]): RunningCommand {
  const follower = startCommand(['sub', '--all-protocols', 'demo', '--url', url, ...flags])
  t.after(() => follower.process.kill('SIGKILL'))
  return follower
}

async function publish(daemon: Daemon, body: string): Promise<void> {
  const response = await fetch(`${urlOf(daemon)}/play/pinghub/demo`, { method: 'POST', body })
  equal(response.status, 200)
}

const linesOf = (follower: RunningCommand) => follower.out().split('\n').slice(0, -1)

/** Protocol, position and content of each line. */
const wordsOf = (follower: RunningCommand) => linesOf(follower).map(line => line.split(/ {2,}/))

const contentsOf = (follower: RunningCommand, name: string) =>
  wordsOf(follower)
    .filter(([protocol]) => protocol === name)
    .map(([, , content = '']) => content)

/** The order in which protocols open is theirs. */
const isFollowed = (follower: RunningCommand, count = 1) => {
  const told = [...follower.errors().matchAll(/following demo by (.*); Ctrl-C ends/g)]
  const last = told.at(-1)?.[1]?.split(', ').sort() ?? []
  return told.length >= count && last.join() === [...names].sort().join()
}

describe('sub --all-protocols', () => {
  test('prints each publication as each protocol brings it, until Ctrl-C', async t => {
    const daemon = await start(t)
    const follower = follow(t, urlOf(daemon))
    await until('all to be open', () => isFollowed(follower))
    await publish(daemon, '{"hello":"world"}')
    // What a stream without frames brings in one piece is one line there.
    await until('the first, by each', () => linesOf(follower).length === names.length)
    await publish(daemon, 'two\nlines\u001b[2J')
    await until('both, by each', () => linesOf(follower).length === 2 * names.length)
    const words = wordsOf(follower)
    const counted = words.filter(([name = '']) => counting.includes(name))
    const [first, second, ...more] = [...new Set(counted.map(([, position = '']) => position))].sort()
    deepEqual(more, [])
    equal(Number(second?.split('.')[1]), Number(first?.split('.')[1]) + 1)
    for (const name of names) {
      const own = contentsOf(follower, name)
      equal(own[0], '{"hello":"world"}')
      match(own[1] ?? '', /two\\nlines\\u001[bB]\[2J/)
    }
    follower.process.kill('SIGINT')
    equal(await follower.ended, 0)
    await stops(daemon)
  })

  test('goes on where a restart broke it off, although nothing had arrived before', async t => {
    const environment = {
      RINGCAST_ADMIN_LISTEN: `127.0.0.1:${await freePort()}`,
      RINGCAST_STATE_DIR: temporaryFolder(t, 'state'),
      RINGCAST_HISTORY_SIZE: '100',
    }
    const first = await start(t, environment)
    const follower = follow(t, urlOf(first))
    await until('all to be open', () => isFollowed(follower))
    // Not asked again before the node is back and has publications that it did not hear.
    follower.process.kill('SIGSTOP')
    await stops(first)
    const second = await start(t, environment)
    const bodies = ['m1', 'm2', 'm3']
    for (const body of bodies) await publish(second, body)
    follower.process.kill('SIGCONT')
    const areThere = () => counting.every(name => contentsOf(follower, name).length === bodies.length)
    await until('all of them, by each that counts', areThere)
    for (const name of counting) {
      for (const [index, content] of contentsOf(follower, name).entries())
        ok(content.includes(`m${index + 1}`), content)
    }
    match(follower.errors(), /; trying again in /)
    await until('to be told', () => isFollowed(follower, 2))
    for (const name of counting) ok(!follower.errors().includes(`${name}: publications are missing`))
    // Nothing of it survives a node that is killed: its positions are told to be of another time.
    second.process.kill('SIGKILL')
    await until('the next try', () => follower.errors().includes('Is the node running?'))
    const third = await start(t, { ...environment, RINGCAST_STATE_DIR: temporaryFolder(t, 'empty') })
    await until('to be told', () => isFollowed(follower, 3))
    for (const name of counting)
      await until('the gap', () => follower.errors().includes(`${name}: publications are missing`))
    await stops(third)
    follower.process.kill('SIGINT')
    equal(await follower.ended, 0)
    ok(areThere())
  })

  test('tells of a protocol that does not take the subscription, and follows by the others', async t => {
    const daemon = await start(t, { RINGCAST_PINGHUB_SUBSCRIBE: 'allowed.*' })
    const follower = follow(t, urlOf(daemon))
    const others = names.filter(name => name !== 'pinghub')
    await until('the others', () => follower.errors().includes('following demo by '))
    match(follower.errors(), /^ringcast: pinghub: the handshake was refused, or not answered/m)
    const told = /following demo by (.*); Ctrl-C ends/.exec(follower.errors())?.[1]
    deepEqual(told?.split(', ').sort(), [...others].sort())
    await publish(daemon, '1')
    await until('it by the others', () => linesOf(follower).length === others.length)
    follower.process.kill('SIGINT')
    equal(await follower.ended, 0)
    await stops(daemon)
  })

  test('ends where no protocol takes the subscription', async t => {
    // Where the channel is a value of the query every name is one; in a message it is, but of a channel that is not there.
    const daemon = await start(t, { RINGCAST_ONLY: counting.join() })
    const args = ['sub', '--all-protocols', '--url', urlOf(daemon), '--', '..']
    const { code, out, errors } = await runCommand(args)
    equal(code, 1)
    equal(out, '')
    const sentence = '(?:not sent: no URL can name a channel|channel not allowed: \\.\\.)'
    for (const name of counting) match(errors, new RegExp(`${name}: ${sentence}`))
    match(errors, /no protocol takes the subscription\n$/)
    await stops(daemon)
  })

  test('leaves while its output is not read, and goes on behind what was printed', async t => {
    const daemon = await start(t, { RINGCAST_HISTORY_SIZE: '1000', RINGCAST_HISTORY_BYTES_MAX: '100000000' })
    const follower = follow(t, urlOf(daemon))
    await until('all to be open', () => isFollowed(follower))
    follower.process.stdout?.pause()
    const big = 'x'.repeat(40_000)
    const count = 120
    for (let n = 0; n < count; n++) await publish(daemon, `${n} ${big}`)
    await until('it to leave', () => follower.errors().includes('the output is not read'))
    follower.process.stdout?.resume()
    await until('all of them', () => counting.every(name => contentsOf(follower, name).length === count))
    for (const name of counting) {
      const numbers = contentsOf(follower, name).map(content => Number(/\d+/.exec(content)?.[0]))
      deepEqual(
        numbers,
        numbers.map((_, index) => index),
      )
    }
    for (const name of counting) ok(!follower.errors().includes(`${name}: publications are missing`))
    follower.process.kill('SIGINT')
    equal(await follower.ended, 0)
    await stops(daemon)
  })

  test('says what is wrong where there is none: production has no playground', async t => {
    const daemon = await startDaemon({ workers: 1 })
    t.after(() => daemon.process.kill('SIGKILL'))
    const url = urlOf(daemon)
    const paths = ['/play', '/play/data', '/play/page.js', '/play/pinghub/demo', '/play/rpushd/healthz']
    for (const path of paths) {
      const response = await fetch(url + path)
      equal(response.status, 404, path)
      match(await response.text(), /"code":"route-unknown"/)
    }
    const args = ['sub', '--all-protocols', 'demo', '--no-reconnect', '--url', url]
    const inProduction = await runCommand(args)
    await stops(daemon)
    equal(inProduction.code, 1)
    match(inProduction.errors, /^ringcast: http:\S+ has no playground: the node is in production mode/)
    const absent = await runCommand(args)
    equal(absent.code, 3)
    match(absent.errors, /^ringcast: http:\S+ does not answer: .*Is the node running\?/)
  })
})
