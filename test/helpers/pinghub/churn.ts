// What ended the original within a second, or split a channel in silence: clients that come and go on one path while
// it is published to.
import { deepEqual, equal } from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { type Daemon, startDaemon } from '../daemon.ts'
import type { RawWebSocket } from '../raw-websocket.ts'
import { joinPath, messagesOf, Publisher } from './clients.ts'

export interface ChurnOptions {
  /** Subscribers that stay from beginning to end. */
  readonly steady: number
  /** Clients that come and go, in all. */
  readonly passing: number
  readonly publishers: number
  readonly posts: number
  readonly deadlineMs: number
}

/** Clients that come and go at once. */
const loops = 16

/** Each round is as `options` say, on one daemon; `told` hears of each that is over. */
export async function churn(
  t: TestContext,
  options: ChurnOptions,
  rounds = 1,
  told: (rounds: number) => void = () => {},
): Promise<void> {
  // The clients here answer no ping, so that none must come due.
  const environment = {
    RINGCAST_ONLY: 'pinghub',
    RINGCAST_PINGHUB_PING_MS: '60000',
    RINGCAST_PINGHUB_PONG_MS: '90000',
  }
  const daemon = await startDaemon({ workers: 3, environment })
  t.after(() => daemon.process.kill('SIGKILL'))
  for (let done = 0; done < rounds; done++) {
    await oneRound(daemon, options)
    told(done + 1)
  }
  equal(await daemon.stop(), 0)
  deepEqual(daemon.errors, [])
}

async function oneRound(daemon: Daemon, options: ChurnOptions): Promise<void> {
  const address = daemon.address('pinghub')
  const steady = await Promise.all(Array.from({ length: options.steady }, () => joinPath(address, '/churn')))
  const passing = Array.from({ length: options.passing }).values()
  let left = loops
  // Half of them are at times alone on their path, so that the channel ends and begins again and again.
  const guests = Array.from({ length: loops }, async (_, loop) => {
    await comeAndGo(address, passing, loop % 2 ? '/churn' : '/alone')
    left--
  })
  const publishing = publishAll(address, steady, options)
  await Promise.all([...guests, postWhile(address, () => left > 0)])
  const heard = await publishing
  for (const messages of heard.slice(1)) deepEqual(messages, heard[0])
  for (let publisher = 0; publisher < options.publishers; publisher++) {
    const own = (heard[0] ?? []).filter(text => text.startsWith(`${publisher} `))
    deepEqual(own, textsOf(publisher, options))
  }
  await goesOn(daemon, steady)
  for (const { client } of steady) client.leave()
}

async function publishAll(
  address: string,
  steady: readonly RawWebSocket[],
  options: ChurnOptions,
): Promise<readonly string[][]> {
  const publish = async (_: unknown, index: number) => {
    const publisher = new Publisher(address)
    for (const text of textsOf(index, options)) await publisher.post('/churn', text)
    publisher.leave()
  }
  await Promise.all(Array.from({ length: options.publishers }, publish))
  return Promise.all(steady.map(socket => messagesOf(socket, options.posts, options.deadlineMs)))
}

function textsOf(publisher: number, { posts, publishers }: ChurnOptions): string[] {
  return Array.from({ length: posts / publishers }, (_, index) => `${publisher} ${index}`)
}

async function comeAndGo(address: string, passing: Iterator<unknown>, path: string): Promise<void> {
  while (!passing.next().done) {
    const socket = await joinPath(address, path)
    socket.client.leave()
  }
}

/** To the path that is left by its last client over and over. */
async function postWhile(address: string, busy: () => boolean): Promise<void> {
  const publisher = new Publisher(address)
  while (busy()) await publisher.post('/alone', 'x')
  publisher.leave()
}

/** One post more reaches the old subscribers and a new one alike. */
async function goesOn(daemon: Daemon, steady: readonly RawWebSocket[]): Promise<void> {
  const late = await joinPath(daemon.address('pinghub'), '/churn')
  const publisher = new Publisher(daemon.address('pinghub'))
  await publisher.post('/churn', 'last')
  publisher.leave()
  deepEqual(await messagesOf(late, 1), ['last'])
  const before = steady[0]?.frames.filter(({ code }) => code === 1).length ?? 0
  for (const socket of steady) equal((await messagesOf(socket, before + 1)).at(-1), 'last')
  late.client.leave()
}
