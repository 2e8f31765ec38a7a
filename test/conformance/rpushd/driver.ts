// How rpushd's rows are sent and its streams are read, frame by frame.
import { equal } from 'node:assert/strict'
import type { RawClient } from '../../helpers/raw-client.ts'
import type { Dialect, PartReader, SeriesDialect, Stage, Subscriber } from '../dialect.ts'
import { playWith } from '../session.ts'
import type { RequestStep } from '../words.ts'
import { FrameStream } from './client.ts'
import { bearer, claims, type OwnExpect, type OwnSend, tokenOf } from './vocabulary.ts'

/** rpushd counts them and nothing else does. */
export const refusalCounters = [
  'bearersRefused',
  'tokensRefused',
  'streamsMaxExceeded',
  'streamsExpired',
  'streamsOmitted',
  'publicationsOmitted',
] as const

const series: SeriesDialect = {
  publish({ bytes, channel, target }, content) {
    const message = bytes > 0 ? JSON.stringify(content) : content
    const headers = [['content-type', 'application/json'] as const, ['authorization', bearer] as const]
    const body = `{"channel":"${channel}","message":${message}}`
    return { method: 'POST', target, headers, body, status: 204 }
  },
  contentOf: part => String(JSON.parse(part)),
}

const dialect: Dialect<OwnSend, OwnExpect> = {
  series,

  /** Payloads as text. */
  reader(client: RawClient): PartReader {
    const frames = new FrameStream(client)
    return {
      async next() {
        const [payload] = await frames.read(1)
        return payload && Buffer.from(payload).toString()
      },
    }
  },

  isBeat: part => part === '',
  showFirst: chunk => chunk.toString('hex'),

  /** Makes the token that a row cannot know. */
  async complete({ body, channel }: RequestStep, stage: Stage) {
    const [, offset] = /^\{"token":"NOW([+-]\d+)"\}$/.exec(String(body)) ?? []
    if (offset === undefined) return {}
    const exp = await stage.second(Number(offset))
    return { body: `{"token":"${tokenOf(claims(channel, { exp: String(exp) }))}"}` }
  },

  step(_, expected, stage) {
    equal(expected.kind, 'done')
    return stage.wait()
  },

  async read({ reader }: Subscriber, { hex }) {
    let came = ''
    while (came.length < hex.length) {
      const payload = Buffer.from((await reader.next()) ?? 'the end')
      came += payload.length.toString(16).padStart(4, '0') + payload.toString('hex')
    }
    equal(came, hex.toLowerCase())
  },
}

export const play = playWith(() => dialect)
