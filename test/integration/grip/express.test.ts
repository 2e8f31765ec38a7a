// An application with Express and the library for GRIP, as Pushpin's README and the library's recipe have it (contract §15). Its process
// dies and another one begins: its clients stay, a browser among them, and what they say meanwhile is heard.
import { deepEqual, equal } from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { after, before, describe, test } from 'node:test'
import { Publisher, WebSocketMessageFormat } from '@fanoutio/grip'
import { isChromiumMissing, startChromium } from '../../helpers/chromium.ts'
import { SocketClient } from '../../helpers/grip/socket-client.ts'
import { type GripStage, startGrip } from '../../helpers/grip-stage.ts'
import { freePorts } from '../../helpers/proxies.ts'
import { until } from '../../helpers/until.ts'

const program = new URL('./fixtures/express-chat.mjs', import.meta.url).pathname

class Application {
  readonly #args: readonly string[]
  #process: ChildProcess | undefined

  constructor(port: number, control: string) {
    this.#args = [program, String(port), control]
  }

  async start(): Promise<void> {
    this.#process = spawn(process.execPath, this.#args, { stdio: ['ignore', 'pipe', 'inherit'] })
    const { stdout } = this.#process
    if (stdout !== null) await once(stdout, 'data')
  }

  /** By SIGTERM it ends between requests: one that is under way would have been heard, perhaps, which closes its client. */
  async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const child = this.#process
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
    const ended = once(child, 'exit')
    child.kill(signal)
    await ended
  }
}

let stage: GripStage
let application: Application
const afters: (() => unknown)[] = []

before(async () => {
  const [port = 0] = await freePorts(1)
  const options = {
    routes: `* 127.0.0.1:${port},over_http`,
    workers: 3,
    environment: { RINGCAST_GRIP_SIG_KEY: undefined, PUSHPIN_SIG_KEY: 'changeme' },
  }
  stage = await startGrip({ after: run => void afters.push(run as () => unknown) }, options)
  application = new Application(port, stage.control)
  await application.start()
})
after(async () => {
  await application.end('SIGKILL')
  equal(await stage.daemon.stop(), 0)
  for (const run of afters) await run()
})

/** The sockets are idle, and the end of the connections was seen. */
async function goDown(): Promise<void> {
  await application.end('SIGTERM')
  await until('the end of its connections', async () => (await stage.count('originConnections')) === 0)
}

describe('an application with Express', () => {
  test('knows whom it talks to', async () => {
    const { body } = await stage.get('/proxied').answer()
    equal(String(body), 'true true\n')
  })

  test('of the recipe echoes, and publishes to its clients', async t => {
    const client = await SocketClient.open(t, stage.client, '/ws')
    client.say('hi')
    await client.gets('echo:hi')
    const publisher = new Publisher({ control_uri: `http://${stage.control}`, key: 'changeme' })
    await publisher.publishFormats('sgws', new WebSocketMessageFormat('ws pub'))
    await client.gets('echo:hi', 'ws pub')
    // The library closes without a code.
    client.socket.close()
    await client.gets('echo:hi', 'ws pub', 'close 1000')
  })

  test('of the README may be started anew, and its clients stay and hear each other', async t => {
    const clients = await Promise.all(
      [1, 2, 3, 4].map(() => SocketClient.open(t, stage.client, '/websocket')),
    )
    const [one, two] = clients
    one?.say('one')
    for (const client of clients) await client.gets('one')
    two?.say('two')
    for (const client of clients) await client.gets('one', 'two')

    await goDown()
    const before = await stage.count('eventRetries')
    one?.say('while it was down')
    await until('a try in vain', async () => (await stage.count('eventRetries')) > before)
    for (const { socket } of clients) equal(socket.readyState, WebSocket.OPEN)
    await application.start()
    for (const client of clients) await client.gets('one', 'two', 'while it was down')
    two?.say('after')
    for (const client of clients) await client.gets('one', 'two', 'while it was down', 'after')
  })

  test('keeps a browser while it is started anew, and its death with a request in its hands is told by 1011', {
    skip: isChromiumMissing(),
  }, async t => {
    const browser = await startChromium()
    t.after(() => browser.stop())
    const page = await browser.open(`http://${stage.client}/page`)
    await page.evaluate(`new Promise(done => {
      globalThis.got = []
      globalThis.socket = new WebSocket('ws://${stage.client}/ws')
      socket.onmessage = ({ data }) => got.push(data)
      socket.onclose = ({ code, wasClean }) => got.push(['close', code, wasClean])
      socket.onopen = done
    }).then(() => true)`)
    const got = () => page.evaluate('got') as Promise<readonly unknown[]>

    await goDown()
    const before = await stage.count('eventRetries')
    await page.evaluate(`socket.send('down')`)
    await until('a try in vain', async () => (await stage.count('eventRetries')) > before)
    await application.start()
    await until('the echo', async () => (await got()).length > 0)
    deepEqual(await got(), ['echo:down'])

    await page.evaluate(`socket.send('die')`)
    await until('the end', async () => (await got()).length > 1)
    deepEqual(await got(), ['echo:down', ['close', 1011, true]])
  })
})
