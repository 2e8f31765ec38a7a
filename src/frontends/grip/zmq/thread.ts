// ZeroMQ of the whole node, in a thread of its own (contract §6.6 to §6.8, §2.7): what publishers and commands say becomes drafts
// for the workers, what workers count becomes statistics, and requests for backends pass. At its end nothing native is pending.
import { parseChannelName } from '../../../engine/words/publication.ts'
import { Allowance } from '../../../telemetry/allowance.ts'
import type { SideContext, SidePort, SideRoom } from '../../side.ts'
import { MergedReports } from '../control/merged-reports.ts'
import { batchMs } from '../control/reports.ts'
import { draftOf } from '../item/draft.ts'
import type { GripSettings } from '../settings.ts'
import { Backends } from './backends.ts'
import { answerCommand } from './commands.ts'
import { HandOver } from './hand-over.ts'
import { instanceName } from './instance-name.ts'
import { Interests } from './interests.ts'
import { loadZeromq, receiveAll, type Zeromq } from './library.ts'
import { readMessage } from './message-item.ts'
import { openSockets, openSpecs, type ZmqSockets } from './sockets.ts'
import { Statistics } from './statistics.ts'
import type { ToRoom, ToThread } from './wire.ts'

type Context = SideContext<GripSettings>

export async function open(context: Context): Promise<SideRoom | string> {
  const { settings, isDevelopment, log } = context
  const [exposed] = openSpecs(settings)
  if (exposed !== undefined && isDevelopment) {
    return `grip: ${exposed} is reached from other machines, but development listens on loopback addresses only; set RINGCAST_MODE=production`
  }
  const zeromq = await loadZeromq()
  if (typeof zeromq === 'string') return `grip: ${zeromq}`
  const sockets = await openSockets(zeromq, settings)
  if (typeof sockets === 'string') return `grip: ZeroMQ: ${sockets}`
  for (const [setting, address] of sockets.endpoints)
    log.info({ protocol: 'grip', door: setting, address }, 'listening')
  if (exposed !== undefined)
    log.warn({ code: 'zmq-exposed' }, `${exposed} asks nobody who he is: let only publishers reach it`)
  return new ZmqRoom(context, zeromq, sockets)
}

class ZmqRoom implements SideRoom {
  readonly #context: Context
  readonly #sockets: ZmqSockets
  readonly #handOver: HandOver
  readonly #interests: Interests
  readonly #backends: Backends
  /** What all workers count, where statistics are published. */
  readonly #reports: MergedReports | undefined
  readonly #ports = new Map<number, SidePort>()
  readonly #allowance: Allowance
  /** What publishers are heard by; then what commands are. */
  readonly #inputs: readonly Promise<void>[]
  readonly #commanded: Promise<void> | undefined
  #isDraining = false

  constructor(context: Context, zeromq: Zeromq, sockets: ZmqSockets) {
    const { clock, log, isDevelopment, settings, ownerOf } = context
    const { pull, subscriber, command, statistics } = sockets
    this.#context = context
    this.#sockets = sockets
    this.#allowance = new Allowance(clock)
    this.#handOver = new HandOver({
      clock,
      ownerOf,
      lost: (slot, count) => {
        this.#count('zmqLost', count)
        log.error({ code: 'zmq-lost', slot, count }, 'a worker ended with messages of publishers')
      },
      refused: reason => this.#refused('zmqRefused', reason),
    })
    this.#interests = new Interests({
      clock,
      subscribe: channel => subscriber?.closed === false && subscriber.subscribe(channel),
      unsubscribe: channel => subscriber?.closed === false && subscriber.unsubscribe(channel),
    })
    this.#backends = new Backends({
      zeromq,
      clock,
      log,
      isDevelopment,
      ipcMode: settings.zmqIpcMode,
      from: instanceName(),
      answerMs: settings.originHeadMs || settings.zmqAnswerMs,
      tell: (slot, message) => this.#tell(slot, message),
    })
    if (statistics !== undefined) {
      this.#reports = new MergedReports(clock, {
        from: instanceName(),
        subscriptionTtlMs: settings.statsSubscriptionTtlMs,
        lingerMs: settings.subscriptionLingerMs,
        reportMs: settings.statsReportIntervalMs,
      })
      this.#publishReports(new Statistics(statistics, settings.statsFormat), this.#reports)
    }
    const free = () => this.#handOver.whenFree()
    const take = (frames: readonly Buffer[]) => this.#take(frames)
    this.#inputs = [
      pull && receiveAll(pull, free, take),
      subscriber && receiveAll(subscriber, free, frames => this.#takeFor(frames)),
    ].filter(loop => loop !== undefined)
    this.#commanded =
      command &&
      receiveAll(command, free, async ([request = Buffer.alloc(0)]) => {
        const answer = await answerCommand(request, this.#commands())
        if (!command.closed) await command.send(answer)
      })
  }

  join(slot: number, port: SidePort): void {
    // Its end may be heard of later than of its successor.
    if (this.#ports.has(slot)) this.#reports?.lost(slot)
    this.#ports.set(slot, port)
    this.#backends.left(slot)
    port.receive(message => this.#hear(slot, message as ToThread)) // our own other end packed it
    port.onClosed(() => {
      if (this.#ports.get(slot) !== port) return
      this.#ports.delete(slot)
      this.#reports?.lost(slot)
    })
    this.#handOver.join(slot, port)
  }

  /** Commands are answered up to the end. */
  async retire(): Promise<void> {
    this.#isDraining = true
    this.#sockets.pull?.close()
    this.#sockets.subscriber?.close()
    // One message may come out of a socket that is closed.
    await Promise.all(this.#inputs)
    await this.#handOver.whenEmpty()
  }

  async close(): Promise<void> {
    const { pull, subscriber, command, statistics } = this.#sockets
    this.#interests.close()
    for (const socket of [pull, subscriber, command, statistics]) socket?.close()
    this.#handOver.release()
    await this.#backends.close()
    // A command may wait for rooms that answer no more.
    await Promise.race([
      Promise.all([...this.#inputs, this.#commanded]),
      new Promise<void>(resolve => void this.#context.clock.after(commandMs, resolve)),
    ])
  }

  #hear(slot: number, message: ToThread): void {
    switch (message[0]) {
      case 'handled':
        return this.#handOver.handled(slot, message[1], message[2])
      case 'interest':
        return this.#interests.told(slot, message[1], message[2], message[3])
      case 'statistics':
        return this.#reports?.add(slot, message[1])
      case 'backends':
        return this.#backends.want(slot, message[1])
      case 'request':
        return this.#backends.request(slot, message[1], message[2])
      case 'abort':
        return this.#backends.abort(slot, message[1])
      default:
        message satisfies never
    }
  }

  /** Until the thread ends. */
  #publishReports(statistics: Statistics, reports: MergedReports): void {
    this.#context.clock.after(batchMs, () => {
      statistics.publish(reports.take())
      this.#publishReports(statistics, reports)
    })
  }

  #commands(): Parameters<typeof answerCommand>[1] {
    const { endpoints } = this.#sockets
    const names = { zmqCommand: 'command', zmqPull: 'publish-pull', zmqSub: 'publish-sub' } as const
    const uris = Object.entries(names).flatMap(([setting, name]) => {
      const found = endpoints.find(([each]) => each === setting)
      return found === undefined ? [] : [[name, found[1]]]
    })
    return {
      uris: Object.fromEntries(uris),
      handOver: this.#handOver,
      isDraining: this.#isDraining,
      gather: topic => this.#context.gather(topic),
    }
  }

  /** Of PULL: one frame, with the channel in it. */
  #take(frames: readonly Buffer[], channel?: string): void {
    const [message] = frames
    if (frames.length !== 1 || message === undefined) return this.#refused('zmqInvalid', 'not one frame')
    const reading = readMessage(message, channel)
    if (!reading.ok) return this.#refused('zmqInvalid', reading.message)
    const draft = draftOf(reading.item)
    if (draft === undefined) return this.#refused('zmqInvalid', 'no channel has that name')
    this.#handOver.offer(draft)
  }

  /** Of SUB: the channel in front. A publisher filters by what names begin with, so that more may come than was asked for. */
  #takeFor(frames: readonly Buffer[]): void {
    const [channel, ...message] = frames
    if (channel === undefined || message.length !== 1) return this.#refused('zmqInvalid', 'not two frames')
    const name = parseChannelName(channel.toString('utf8'))
    if (name !== undefined && this.#interests.has(name)) this.#take(message, name)
  }

  #refused(counter: 'zmqInvalid' | 'zmqRefused', reason: string): void {
    this.#count(counter, 1)
    const { log } = this.#context
    const warn =
      counter === 'zmqInvalid'
        ? (fields: object) => log.warn({ code: 'zmq-invalid', ...fields }, 'a message is no item')
        : (fields: object) => log.warn({ code: 'zmq-refused', ...fields }, 'a message was not published')
    this.#allowance.spend(counter, left => warn({ reason: reason.slice(0, reasonLengthMax), ...left }), warn)
  }

  /** By whichever worker is there: the node's counts are the sums of theirs. */
  #count(name: string, count: number): void {
    const [slot] = this.#ports.keys()
    if (slot !== undefined) this.#tell(slot, ['counts', { [name]: count }])
  }

  #tell(slot: number, message: ToRoom): void {
    this.#ports.get(slot)?.send(message)
  }
}

/** What a stop waits for a command under way. */
const commandMs = 1_000
/** Long enough for the texts of contract §6.3 with a key in them. */
const reasonLengthMax = 200
