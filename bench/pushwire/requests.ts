// What the load says to a daemon of pushwire, and to the control beside it. Clients of pushwire come by WebSocket and say
// `auth`, or by event stream. Publishes come by pinghub's door; where a client publishes, by its own WebSocket. A control speaks none
// of it: it is sent whole frames, as they would arrive, so that its deliveries have the same bytes.
import { createHash } from 'node:crypto'
import { handshake } from '../../test/helpers/raw-websocket.ts'
import type { Opening } from '../load/streams.ts'
import { hostOf, type PublishRequest, pinghub, post, type Requests } from '../requests.ts'
import { adminSecret } from './programs.ts'

/** Some value with as many digits as they have. */
const cursor = 114_949_048_044_927

/** Clients of other channels are others. */
export function idsOf(channel: string): string {
  return createHash('sha1').update(channel).digest('hex').slice(0, 8)
}

export interface Said {
  /** Clients of another word are others; the first channel is one. */
  readonly clients?: string
  readonly token?: string
  /** JSON, as a load was told it. */
  readonly resumeCursors?: string
  readonly unheard?: string
  readonly bytesPerSecond?: number
}

/** A WebSocket that subscribes to these; what is published to the first one counts. */
export function sockets(channels: readonly string[], said: Said = {}): Opening {
  const { clients = channels[0] ?? '', token, resumeCursors, unheard, bytesPerSecond } = said
  const proof = token === undefined ? '' : `,"token":"${token}"`
  const cursors = resumeCursors === undefined ? '' : `,"resume_cursors":${resumeCursors}`
  const members = `"op":"auth","client_id":"{id}"${proof},"capabilities":${JSON.stringify(channels)}${cursors}`
  return {
    pushwire: {
      ids: idsOf(clients),
      auth: `{"channel":"system","payload":{${members}}}`,
      ...(unheard !== undefined && { unheard }),
    },
    ...(bytesPerSecond !== undefined && { bytesPerSecond }),
  }
}

const open = (port: number) => handshake('/rps', { host: hostOf(port) })

/** `others`: what every client subscribes to besides. */
export function pushwire(others: readonly string[] = [], said: Said = {}): Requests {
  return {
    mark: '~',
    opening: channel => sockets([channel, ...others], said),
    stream: (_, port) => open(port),
    publish: pinghub.publish,
  }
}

/** The streams publish themselves. */
export const inbound: Requests = {
  ...pushwire(),
  publish: channel => ({ head: `{"channel":"${channel}","payload":"`, tail: '"}', answer: 'comes back' }),
}

/** Event streams. */
export function events(others: readonly string[] = []): Requests {
  return {
    mark: '~',
    opening: channel => ({ pushwire: { ids: idsOf(channel) } }),
    stream(channel, port) {
      const channels = [channel, ...others].join()
      return `GET /rps/sse?client_id={id}&channels=${channels} HTTP/1.1\r\nHost: ${hostOf(port)}\r\n\r\n`
    },
    publish: pinghub.publish,
  }
}

/** What a frame has around the text of its payload; without a client where an application sent it. */
function frameAround(channel: string, client: string | undefined) {
  const sender = client === undefined ? '' : `,"client_id":"${client}"`
  return { head: `{"channel":"${channel}","cursor":${cursor},"payload":"`, tail: `"${sender}}` }
}

/** Of the control: its WebSockets say nothing. */
export const plainSockets: Requests = {
  mark: '~',
  opening: channel => ({ pushwire: { ids: idsOf(channel) } }),
  stream: pinghub.stream,
  publish(channel, port, messageBytes) {
    const { head, tail } = frameAround(channel, undefined)
    const request = pinghub.publish(channel, port, head.length + messageBytes + tail.length)
    return { ...request, head: request.head + head, tail }
  },
}

export const plainInbound: Requests = {
  ...plainSockets,
  publish: channel => ({
    ...frameAround(channel, '00000000-0000-4000-8000-000000000000'),
    answer: 'comes back',
  }),
}

/**
 * What an application sends from behind, on the admin listener. `opener`: all of the body in front of the message.
 * `answerEnd`: see `PublishAnswer.isEnd`.
 */
export function operated(
  path: string,
  message: { readonly port: number; readonly bytes: number },
  opener: string,
  answerEnd: string,
): PublishRequest {
  const tail = opener.endsWith('"') ? '"}' : '}'
  const length = opener.length + message.bytes + tail.length
  const head = post(path, message.port, opener, length, [['authorization', `Bearer ${adminSecret}`]])
  return { head, tail, answer: { status: 200, body: answerEnd, isEnd: true } }
}

/** From behind, to all; `answerEnd` says to how many. */
export function broadcast(answerEnd: string): Requests {
  return {
    ...pushwire(),
    publish: (channel, port, bytes) =>
      operated(`/v1/pushwire/broadcast/${channel}`, { port, bytes }, '{"payload":"', answerEnd),
  }
}
