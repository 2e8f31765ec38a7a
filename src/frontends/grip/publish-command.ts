// `ringcast pub --grip`: the command line of pushpin-publish (contract §11), down to the bytes of its request.
import { parseArgs } from 'node:util'
import type { CommandEnding, PublishCommand, PublishReading, PublishWorld } from '../publish.ts'
import { type ControlPlace, placeOf } from './control/place.ts'
import { sortedJson } from './item/patch.ts'
import { type Published, publishedItem } from './publish-item.ts'
import { parsePlace } from './zmq/places.ts'

const options = {
  'no-eol': { type: 'boolean' },
  code: { type: 'string' },
  header: { type: 'string', short: 'H', multiple: true },
  meta: { type: 'string', short: 'M', multiple: true },
  id: { type: 'string' },
  'prev-id': { type: 'string' },
  'no-seq': { type: 'boolean' },
  sender: { type: 'string' },
  hint: { type: 'boolean' },
  close: { type: 'boolean' },
  patch: { type: 'boolean' },
  spec: { type: 'string' },
  user: { type: 'string', short: 'u' },
  bearer: { type: 'string', short: 'B' },
  help: { type: 'boolean', short: 'h' },
} as const

/** Where the original's control port is by default. */
const defaultSpec = 'http://localhost:5561'
/** As the original since 1.41; before, it ended like any other error. */
const usageStatus = 2

const help = [
  'Usage: ringcast pub --grip [options] <channel> [content]',
  '',
  'Publishes to a GRIP control address and prints that it did. Content that begins with @ names a file.',
  '',
  '  --no-eol            add no line feed to the content',
  '  --code <code>       status of the response to long polls; default: 200',
  '  -H, --header <k: v> add a header to that response; may be repeated',
  '  -M, --meta <k=v>    add a meta value; may be repeated',
  '  --id <id>           id of the item',
  '  --prev-id <id>      id of the item before it',
  '  --no-seq            it is in no order with others',
  '  --sender <sender>   the meta value sender',
  '  --hint              tell clients to ask the origin',
  '  --close             end streams and WebSockets',
  '  --patch             content is a JSON Patch of what long polls have stored',
  `  --spec <uri>        where to publish, http, https, tcp or ipc; default: GRIP_URL, or ${defaultSpec}`,
  '  -u, --user <u:p>    basic authentication, over https alone',
  '  -B, --bearer <t>    a bearer token, over https alone',
] as const

export const publishCommand: PublishCommand = {
  summary: 'publish as pushpin-publish does, over the control address of any GRIP proxy',
  read(args, world) {
    const given = parse(args)
    if (typeof given === 'string') return complain(given, usageStatus)
    const { values, positionals } = given
    if (values.help) return { ok: false, lines: help, status: 0 }
    const [channel, content, ...more] = positionals
    if (channel === undefined) return complain('must specify channel', usageStatus)
    if (more.length > 0) return complain(`unexpected argument '${more[0]}'`, usageStatus)
    const spec = values.spec ?? world.environment['GRIP_URL'] ?? defaultSpec
    const item = itemOf(channel, content, values, world)
    if (/^(?:tcp|ipc):/.test(spec)) return push(spec, item)
    const place = placeOf(spec, { ...values, unixSeconds: world.unixSeconds })
    if (typeof place === 'string') return complain(place)
    return typeof item === 'string' ? complain(item) : request(place, sortedJson({ items: [item] }))
  },
}

/** What was said, or what is wrong with it. */
function parse(args: readonly string[]): ReturnType<typeof parseAll> | string {
  try {
    return parseAll(args)
  } catch (error) {
    // Nothing else throws here: the sentence is for whoever typed it.
    return error instanceof Error ? error.message : String(error)
  }
}

function parseAll(args: readonly string[]) {
  return parseArgs({ args: [...args], options, allowPositionals: true })
}

type Values = ReturnType<typeof parseAll>['values']

function itemOf(
  channel: string,
  content: string | undefined,
  values: Values,
  world: PublishWorld,
): Published | string {
  const bytes = contentOf(content, values['no-eol'] === true, world)
  if (typeof bytes === 'string') return bytes
  const action = values.hint ? 'hint' : values.close ? 'close' : values.patch ? 'patch' : undefined
  return publishedItem(channel, bytes, {
    action,
    code: values.code,
    headers: values.header ?? [],
    meta: [...(values.meta ?? []), ...(values.sender === undefined ? [] : [`sender=${values.sender}`])],
    id: values.id,
    prevId: values['prev-id'],
    noSeq: values['no-seq'] === true,
  })
}

/** As given, and with the line feed that streams and responses get; a file's has none but its own. */
function contentOf(
  content: string | undefined,
  noEol: boolean,
  { readFile }: PublishWorld,
): { readonly bytes: Uint8Array; readonly hasEol: boolean } | undefined | string {
  if (content === undefined) return undefined
  if (!content.startsWith('@')) return { bytes: Buffer.from(content), hasEol: !noEol }
  const bytes = readFile(content.slice(1))
  return typeof bytes === 'string' ? `${content.slice(1)}: ${bytes}` : { bytes, hasEol: false }
}

/** Broken in the original since 1.41. One message is one item; nobody answers. */
function push(spec: string, item: Published | string): PublishReading {
  const place = parsePlace(spec)
  if (place === undefined) return complain(`'${spec}' is neither tcp://host:port nor ipc:///path`)
  if (typeof item === 'string') return complain(item)
  return {
    ok: true,
    async deliver() {
      const { pushOnce } = await import('./zmq/push.ts')
      const why = await pushOnce(place, Buffer.from(`J${sortedJson(item)}`))
      return why === undefined ? { lines: ['Published'], status: 0 } : failure(why)
    },
  }
}

function complain(text: string, status = 1): PublishReading {
  return { ok: false, ...failure(text, status) }
}

function failure(text: string, status = 1): CommandEnding {
  return { lines: [`Error: ${text}`], status, asErrors: true }
}

function request({ url, host, port, authorization }: ControlPlace, body: string): PublishReading {
  const length = Buffer.byteLength(body)
  const head = [
    `POST ${url.pathname.replace(/\/$/, '')}/publish/ HTTP/1.0`,
    `Host: ${url.host}`,
    ...(authorization === undefined ? [] : [`Authorization: ${authorization}`]),
    'Content-Type: application/json',
    `Content-Length: ${length}`,
  ]
  return {
    ok: true,
    host,
    port,
    isTls: url.protocol === 'https:',
    request: Buffer.from(`${head.join('\r\n')}\r\n\r\n${body}`),
    judge,
    failed: reason => failure(reason),
  }
}

/** The answer ends where its length says, or with the connection. */
function judge(answer: Uint8Array, isEnded: boolean): CommandEnding | undefined {
  const text = Buffer.from(answer).toString('latin1')
  const [head = '', ...rest] = text.split('\r\n\r\n')
  const status = /^HTTP\/1\.[01] (\d{3})\b/.exec(head)?.[1]
  if (rest.length === 0) return undefined
  if (status === undefined) return failure('the answer is no HTTP')
  const body = rest.join('\r\n\r\n')
  const length = /\r\ncontent-length:[ \t]*(\d+)/i.exec(head)?.[1]
  const isWhole = length !== undefined && body.length >= Number(length)
  if (!isWhole && (!isEnded || length !== undefined)) return undefined
  if (status === '200') return { lines: ['Published'], status: 0 }
  return failure(`${status}: ${Buffer.from(body, 'latin1').toString('utf8').trimEnd()}`)
}
