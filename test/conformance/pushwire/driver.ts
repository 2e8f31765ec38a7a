// How the rows of this protocol are sent, and how its WebSockets and event streams are read, message by message. Beside the
// channels that all protocols have, each connection has its id's control stream, on which it says that it is there.
import assert, { deepEqual, equal } from 'node:assert/strict'
import { groupOf } from '../../../src/engine/words/private.ts'
import { controlChannel, controlGroup } from '../../../src/frontends/pushwire/session/control.ts'
import type { AdminClient } from '../../helpers/admin-client.ts'
import { type Frame, frame, opcode, RawWebSocket } from '../../helpers/raw-websocket.ts'
import type { Dialect, Kind, Stage } from '../dialect.ts'
import { playWith } from '../session.ts'
import type { OwnerView } from '../table.ts'
import { EventBlocks } from './event-blocks.ts'
import { hearFor } from './hearing.ts'
import type { OwnExpect, OwnSend } from './own-words.ts'
import { Places } from './places.ts'
import { withExpiring } from './signed.ts'

type Of<Union extends Kind, Name> = Extract<Union, { kind: Name }>

const refusals = [
  'upgrade-missing',
  'upgrade-refused',
  'origin-not-allowed',
  'too-many-connections',
  'route-unknown',
  'method-not-allowed',
  'query-not-utf8',
  'client-id-invalid',
  'channels-empty',
  'channels-too-many',
  'position-invalid',
  'unauthorized',
  'unavailable',
  'ack-unauthorized',
  'content-type',
  'body-too-large',
  'json-syntax',
  'ack-invalid',
  'channel-unknown',
  'client-unknown',
]

export const refusalCounters = refusals.map(reason => `refused.${reason}`)

/** Its connections are what the application is told of the id. */
export async function privateView(channel: string, admin: AdminClient): Promise<OwnerView> {
  equal(groupOf(channel), controlGroup, 'what rows speak of')
  const id = channel.slice(channel.lastIndexOf(channel.charAt(0)) + 1)
  const { status, text, json } = await admin.ask(`/v1/pushwire/clients/${id}`)
  if (status === 404) return { subscribers: 0, offset: 0 }
  equal(status, 200, text)
  return { subscribers: json().connections, offset: 0 }
}

export const play = playWith(openDialect)

function openDialect(): Dialect<OwnSend, OwnExpect> {
  const places = new Places()
  return {
    reader(client, head) {
      return head.status === 101 ? messagesOf(new RawWebSocket(client, head)) : new EventBlocks(client)
    },
    isBeat: part => part === 'ping' || part === ': ka',
    complete: ({ target, headers, body }) =>
      Promise.resolve({
        target: withExpiring(encodeURI(places.fill(decodeURI(target)))),
        headers: headers.map(([name, value]) => [name, places.fill(value)] as const),
        body: typeof body === 'string' ? places.fill(body) : body,
      }),
    step(send, expected, stage) {
      return stepOf(send, expected, stage, places)
    },
    read(subscriber, expected, stage) {
      return hearFor(subscriber, expected, stage, places)
    },
  }
}

/** Texts as they are; of other frames what they are, and a code. */
function messagesOf(socket: RawWebSocket) {
  let seen = 0
  return {
    async next(): Promise<string | undefined> {
      const came = await socket.client.waitFor<Frame | true>('a message', () => {
        socket.read()
        return socket.frames[seen] ?? socket.client.closed
      })
      if (came === true) return undefined
      seen++
      return shown(came)
    },
  }
}

function shown({ code, fin, payload, reserved }: Frame): string {
  deepEqual([fin, reserved], [true, 0], 'a whole message')
  if (code === opcode.text) return payload.toString()
  if (code === opcode.ping) return 'ping'
  equal(code, opcode.close, `a frame with code ${code}`)
  const reason = payload.toString('utf8', 2)
  return `close ${payload.length === 0 ? '' : payload.readUInt16BE(0)}${reason === '' ? '' : `: ${reason}`}`
}

async function stepOf(send: OwnSend, expected: Kind, stage: Stage, places: Places): Promise<void> {
  switch (send.kind) {
    case 'say': {
      const { client, slot } = stage.subscriber(send.client)
      client.send(Buffer.concat(send.texts.map(text => frame(opcode.text, withExpiring(places.fill(text))))))
      stage.published(controlChannel('everybody'), undefined, send.reaches ?? 0)
      if (send.publishes !== undefined) stage.published(send.publishes, slot, send.texts.length)
      return
    }
    case 'bytes-of':
      stage.subscriber(send.client).client.send(send.bytes)
      return
    case 'publish':
      return publish(send, stage)
    case 'ask':
      return ask(send, expected, stage, places)
    case 'flood': {
      const { client } = stage.subscriber(send.client)
      while (!client.closed) {
        client.send(frame(opcode.text, send.text))
        await new Promise(resolve => setTimeout(resolve, send.everyMs))
      }
      return
    }
  }
}

/** Each number in its turn takes the place of `#`. */
async function publish({ channel, members, times }: Of<OwnSend, 'publish'>, stage: Stage): Promise<void> {
  for (let number = 0; number < times; number++) {
    const own = members.replaceAll('#', String(number))
    const { status, text } = await adminOf(stage).publish(`{"channel":"${channel}",${own}}`)
    equal(status, 200, text)
  }
  stage.published(channel, undefined, times)
}

async function ask(
  { body, method, path, publishes, type }: Of<OwnSend, 'ask'>,
  expected: Kind,
  stage: Stage,
  places: Places,
): Promise<void> {
  assert(isOwn(expected) && expected.kind === 'answered')
  const options =
    typeof body === 'string'
      ? { body: places.fill(body) }
      : body && { bytes: body, headers: { 'content-type': type ?? '' } }
  const { status, text } = await adminOf(stage).ask(path, { method, ...options })
  const wanted = places.expected(expected.body, text)
  deepEqual([status, text], [expected.status, wanted])
  stage.published(controlChannel('everybody'), undefined, publishes)
}

function adminOf({ ground: { admin } }: Stage): AdminClient {
  assert(admin !== undefined, 'a daemon has an admin listener')
  return admin
}

function isOwn(expected: Kind): expected is OwnExpect {
  return expected.kind === 'answered'
}
