// How pushy's rows are sent and its streams are read, block by block.
import { ok } from 'node:assert/strict'
import type { RawClient } from '../../helpers/raw-client.ts'
import type { Dialect, PartReader, Stage } from '../dialect.ts'
import { playWith } from '../session.ts'
import type { RequestStep } from '../words.ts'
import { EventStream } from './client.ts'
import { tokenOf } from './vocabulary.ts'

/** pushy counts them, and nothing else does. */
export const refusalCounters = [
  'tokensRefused',
  'streamsMaxExceeded',
  'streamsExpired',
  'refused.credential-wrong',
  'refused.forbidden',
  'refused.ticket-wrong',
] as const

export const play = playWith(openDialect)

function openDialect(): Dialect {
  const startedMs = Date.now()
  /** The one that an answer brought last. */
  let ticket = ''
  const masked = (text: string) => mask(text, startedMs)
  return {
    /** Blocks without the empty line behind them. */
    reader(client: RawClient): PartReader {
      const events = new EventStream(client)
      return {
        async next() {
          const block = await events.block()
          return block && masked(block)
        },
      }
    },

    isBeat: part => part === ':',
    showFirst: chunk => masked(chunk.toString()),

    async complete({ headers, target }: RequestStep, stage: Stage) {
      const fields = headers.map(async ([name, value]) => {
        const [, offset] = /^Bearer NOW([+-]\d+)$/.exec(value) ?? []
        if (offset === undefined) return [name, value] as const
        const exp = await stage.second(Number(offset))
        return [name, `Bearer ${tokenOf({ channels: ['*'], exp })}`] as const
      })
      return { target: target.replace('TICKET', ticket), headers: await Promise.all(fields) }
    },

    answered(body) {
      ticket = /"ticket":"([\w-]+)"/.exec(body)?.[1] ?? ticket
    },
  }
}

/** Publications carry the second in which they came; ids have a form. */
function mask(text: string, startedMs: number): string {
  for (const [, seconds] of text.matchAll(/"timestamp":(\d{10})\b/g)) {
    const ms = Number(seconds) * 1_000
    ok(ms > startedMs - 1_000 && ms <= Date.now(), `${seconds} is not now`)
  }
  return text
    .replace(/"timestamp":\d{10}\b/g, '"timestamp":NOW')
    .replace(/\b[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}\b/g, 'UUID')
    .replace(/\b[0-9a-f]{8}\.\d{15}\b/g, 'POSITION')
}
