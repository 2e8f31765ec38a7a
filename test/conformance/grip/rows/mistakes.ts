// Contract §5.10: what an origin is told, with debug, whose instructions cannot be read (rows 77 to 79 and 95 to 97).

import type { Headers } from '../../../helpers/raw-http.ts'
import type { OriginAnswer } from '../../../helpers/raw-origin.ts'
import {
  at,
  failed,
  type GripRow,
  get,
  instructs,
  refusedInstruct,
  reply,
  row,
  streams,
} from '../vocabulary.ts'

const header = (name: string, value: string): Headers => [[name, value]]
const keepAlive = (value: string) => streams('c', 'x', header('Grip-Keep-Alive', value))
const link = (value: string) => streams('c', 'x', header('Grip-Link', value))
const channels = [{ name: 'c' }]
const hold = (more: object) => instructs({ hold: { channels, ...more } })
const responds = (response: unknown) => instructs({ response })

const mistakes: readonly (readonly [number: string, answer: OriginAnswer, why: string])[] = [
  ['77', reply(header('Grip-Hold', 'foo'), 'x'), "Grip-Hold must be set to either 'response' or 'stream'"],
  ['77', reply(header('Grip-Hold', ''), 'x'), "Grip-Hold must be set to either 'response' or 'stream'"],
  ['78', streams('c', 'x', header('Grip-Timeout', 'abc')), 'failed to parse Grip-Timeout'],
  ['78', streams('c', 'x', header('Grip-Timeout', '-1')), 'Grip-Timeout has invalid value'],
  ['79', keepAlive('x; mode=foo'), "no such Grip-Keep-Alive mode 'foo'"],
  ['79', keepAlive('x; format=foo'), "no such Grip-Keep-Alive format 'foo'"],
  ['79', keepAlive('a\\; format=cstring'), 'failed to parse Grip-Keep-Alive cstring format'],
  ['79', keepAlive('a\\xg0; format=cstring'), 'failed to parse Grip-Keep-Alive cstring format'],
  ['79', keepAlive('; timeout=5'), 'Grip-Keep-Alive cannot be empty'],
  ['79', keepAlive('x; timeout=abc'), 'failed to parse Grip-Keep-Alive timeout value'],
  ['79', keepAlive('x; timeout=-1'), 'Grip-Keep-Alive timeout has invalid value'],
  ['79', streams('c', 'x', header('Grip-Status', 'abc')), 'Grip-Status contains invalid status code'],
  ['79', streams('c', 'x', header('Grip-Status', '1000')), 'Grip-Status contains invalid status code'],
  ['79', link('</n>; rel=next; timeout=abc'), 'failed to parse Grip-Link timeout value'],
  ['79', link('</n>; rel=next; timeout=-1'), 'Grip-Link timeout has invalid value'],
  ['79', link('/n; rel=next'), 'failed to parse Grip-Link value'],
  [
    '95',
    instructs({ hold: { channels } }, '201 Created'),
    'response code for application/grip-instruct content must be 200',
  ],
  ['96', instructs('nonsense'), 'failed to parse application/grip-instruct content as JSON'],
  ['97', instructs([]), 'instruct must be an object'],
  ['97', instructs({ hold: 1 }), "instruct contains 'hold' with wrong type"],
  ['97', instructs({ hold: {} }), "hold does not contain 'channels'"],
  ['97', instructs({ hold: { channels: 1 } }), "hold contains 'channels' with wrong type"],
  ['97', hold({ mode: 'foo' }), "hold 'mode' must be set to either 'response' or 'stream'"],
  ['97', hold({ channels: [{}] }), "channel does not contain 'name'"],
  ['97', hold({ channels: [{ name: 1 }] }), "channel contains 'name' with wrong type"],
  ['97', hold({ timeout: -1 }), "hold contains 'timeout' with invalid value"],
  ['97', hold({ mode: 'stream', 'keep-alive': 1 }), "hold contains 'keep-alive' with wrong type"],
  ['97', hold({ meta: { a: 1 } }), "'meta' contains 'a' with wrong type"],
  ['97', responds({ code: 1000 }), "response contains 'code' with invalid value"],
  ['97', responds({ headers: 'x' }), "response contains 'headers' with wrong type"],
  ['97', responds({ body: 1 }), "response contains 'body' with wrong type"],
  ['97', responds(1), ''],
]

export const refusedInstructs: readonly GripRow[] = [
  row(
    '77',
    'without debug no reason is given',
    [at('/77', reply(header('Grip-Hold', 'foo'), 'x'))],
    [[get('/77'), failed]],
  ),
  ...mistakes.map(([number, answer, why], index) => {
    const path = `/dbg/mistake-${index}`
    return row(
      number,
      `mistake ${index + 1}, ${why}`,
      [at(path, answer)],
      [[get(path), refusedInstruct(why)]],
    )
  }),
]
