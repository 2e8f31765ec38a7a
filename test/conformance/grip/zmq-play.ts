// How rows of ZeroMQ are played: a publisher that pushes, one that publishes and is told of subscriptions, whoever commands, and a
// client that holds a stream.
import { deepEqual, equal, ok } from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, type TestContext, test } from 'node:test'
import { Push, Request, XPublisher } from 'zeromq'
import { formatTnetstring, parseTnetstring, type Tnet } from '../../../src/frontends/grip/zmq/tnetstring.ts'
import { RawClient } from '../../helpers/raw-client.ts'
import { Body } from './body.ts'
import { addressOf, type GripServer } from './server.ts'
import { type ZmqRow, type ZmqStep, zmqRows } from './zmq-rows.ts'

/** Where the sockets are, as the original calls them. */
export interface ZmqSpecs {
  readonly command: string
  readonly 'publish-pull': string
  readonly 'publish-sub': string
}

/** To come, or to find who listens: what hangs ends there. */
const waitMs = 20_000

export function playZmq(
  title: string,
  start: (specs: ZmqSpecs) => Promise<GripServer>,
  skip: string | false = false,
): void {
  describe(`ZeroMQ, with ${title}`, { skip }, () => {
    const folder = mkdtempSync(join(tmpdir(), 'zmq-'))
    const specs: ZmqSpecs = {
      command: `ipc://${folder}/command`,
      'publish-pull': `ipc://${folder}/pull`,
      'publish-sub': `ipc://${folder}/sub`,
    }
    let server: GripServer
    before(async () => {
      server = await start(specs)
    })
    after(async () => {
      await server?.stop()
      rmSync(folder, { recursive: true, force: true })
    })
    const isOriginal = title.startsWith('Pushpin')
    for (const row of zmqRows.filter(({ isOurs }) => !isOriginal || isOurs !== true))
      test(row.name, t => play(t, row, server, specs))
  })
}

async function play(t: TestContext, { steps }: ZmqRow, server: GripServer, specs: ZmqSpecs): Promise<void> {
  const scene = new Scene(server, specs)
  t.after(() => scene.close())
  for (const step of steps) await scene.step(step)
}

/** Sockets come with the first step that wants them. */
class Scene {
  readonly #server: GripServer
  readonly #specs: ZmqSpecs
  #client: RawClient | undefined
  #body: Body | undefined
  #push: Push | undefined
  #publisher: XPublisher | undefined
  #request: Request | undefined

  constructor(server: GripServer, specs: ZmqSpecs) {
    this.#server = server
    this.#specs = specs
  }

  close(): void {
    this.#client?.leave()
    for (const socket of [this.#push, this.#publisher, this.#request]) socket?.close()
  }

  async step(step: ZmqStep): Promise<void> {
    switch (step.do) {
      case 'hold':
        return await this.#hold(step.channel)
      case 'leave':
        return this.#client?.leave()
      case 'read':
        return equal(await this.#body?.take(step.text.length), step.text)
      case 'push':
        this.#push ??= connected(new Push({ linger: 0, sendTimeout: waitMs }), this.#specs['publish-pull'])
        return await this.#push.send(Buffer.from(step.message, 'latin1'))
      case 'publish':
        return await this.#publisher?.send(step.frames.map(frame => Buffer.from(frame, 'latin1')))
      case 'told':
        return await this.#told(step.subscription)
      case 'command':
        return await this.#command(step)
      default:
        step satisfies never
    }
  }

  async #hold(channel: string): Promise<void> {
    this.#client = new RawClient(addressOf(this.#server.client))
    this.#client.send(`GET /stream?channel=${channel} HTTP/1.1\r\nHost: t\r\n\r\n`)
    const head = await this.#client.head()
    equal(head.status, 200)
    this.#body = new Body(this.#client, head)
    equal(await this.#body.take('[stream opened]\n'.length), '[stream opened]\n')
  }

  /** Rows before may have left some that still linger: those are passed over. */
  async #told(wanted: string): Promise<void> {
    this.#publisher ??= connected(
      new XPublisher({ linger: 0, receiveTimeout: waitMs, sendTimeout: waitMs }),
      this.#specs['publish-sub'],
    )
    for (;;) {
      const [message = Buffer.alloc(0)] = await this.#publisher.receive()
      const told = `${message[0] === 1 ? '+' : '-'}${message.subarray(1)}`
      if (told.slice(1) !== wanted.slice(1)) continue
      return equal(told, wanted)
    }
  }

  async #command({ request, answer }: ZmqStep & { do: 'command' }): Promise<void> {
    this.#request ??= connected(
      new Request({ linger: 0, receiveTimeout: waitMs, sendTimeout: waitMs }),
      this.#specs.command,
    )
    const id = 'seven'
    await this.#request.send(formatTnetstring({ id, ...(request as Record<string, Tnet>) })) // rows have nothing else
    const [message = Buffer.alloc(0)] = await this.#request.receive()
    const parsed = parseTnetstring(message)
    ok(parsed, String(message))
    const value = answer['value'] === 'URIS' ? { ...this.#specs } : answer['value']
    const wanted = { id, ...answer, ...(value !== undefined && { value }) }
    deepEqual(texts(parsed.value), wanted)
  }
}

function connected<Socket extends { connect(address: string): void }>(socket: Socket, spec: string): Socket {
  socket.connect(spec)
  return socket
}

/** Bytes as text, and members in any order. */
function texts(value: Tnet): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('latin1')
  if (Array.isArray(value)) return value.map(texts)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, texts(member)]))
}
