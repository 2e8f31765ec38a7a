// What is wrong with the list of channels beyond the types of its members (contract §16), each with its place.
import { parseChannelName } from '../../../engine/words/publication.ts'
import { parseCallUrl } from '../../../net/outgoing/call-url.ts'
import { type ChannelRecord, clientIdMark, isPattern, scopeOf } from './config.ts'

const channelNameForm = /^[a-z][a-z0-9_.-]{0,63}$/
const patternForm = /^[a-z0-9_.*-]{1,64}$/

/** The system channel carries operations: nobody handles them, and nothing of it is kept. */
const foreignToSystem = [
  'handler',
  'scope',
  'ring',
  'ringBytes',
  'ringAgeMs',
  'retentionMs',
  'overflow',
  'replayOnJoin',
  'includeSender',
  'to',
  'url',
] as const satisfies readonly (keyof ChannelRecord)[]

/** What the engine does with a channel, whoever uses it. */
const keptMembers = ['priority', 'ring', 'ringBytes', 'ringAgeMs', 'overflow'] as const

/** An id as it stands in a channel's name. */
const sampleId = '00000000-0000-4000-8000-000000000000'

/** Each begins with `name`, which is the list's. Without records the default ones hold, which have none. */
export function channelMistakes(records: readonly ChannelRecord[], name: string): readonly string[] {
  if (records.length === 0) return []
  const systems = records.filter(({ system }) => system === true).length
  return [
    ...(systems === 1 ? [] : [`${name} must have exactly one channel with system: true, and has ${systems}`]),
    ...records.flatMap((record, index) =>
      [...mistakesOf(record), ...repetitions(record, records.slice(0, index), name)].map(
        text => `${name}[${index}]${text}`,
      ),
    ),
  ]
}

function repetitions(
  { name, wireId }: ChannelRecord,
  earlier: readonly ChannelRecord[],
  list: string,
): readonly string[] {
  const sameName = earlier.findIndex(one => one.name === name)
  const sameWireId = wireId === undefined ? -1 : earlier.findIndex(one => one.wireId === wireId)
  return [
    ...(sameName < 0 ? [] : [`.name is ${name}, which ${list}[${sameName}] has already`]),
    ...(sameWireId < 0 ? [] : [`.wireId is ${wireId}, which ${list}[${sameWireId}] has already`]),
  ]
}

function mistakesOf(record: ChannelRecord): readonly string[] {
  if (isPattern(record.name)) return [...patternMistakes(record), ...plainMistakes(record)]
  const named = channelNameForm.test(record.name)
    ? []
    : [
        `.name is '${record.name}': it must be a lower-case letter and up to 63 of lower-case letters, digits, and _ . - behind it`,
      ]
  return [...named, ...(record.system === true ? systemMistakes(record) : plainMistakes(record))]
}

/** Channels that it stands for are many, and come and go. */
function patternMistakes(record: ChannelRecord): readonly string[] {
  const { name, system, wireId } = record
  const mistakes: string[] = []
  if (!patternForm.test(name)) {
    mistakes.push(
      `.name is '${name}': a pattern has 64 characters at most, of lower-case letters, digits, and * _ . -`,
    )
  }
  if (system === true) mistakes.push('.system has no place in a pattern; leave it out')
  if (wireId !== undefined) mistakes.push('.wireId has no place in a pattern: each channel would have it')
  if (scopeOf(record) === 'client') mistakes.push('.scope of a pattern can only be channel')
  if (name === '*') {
    const kept = keptMembers.filter(member => record[member] !== undefined)
    mistakes.push(
      ...kept.map(
        member => `.${member} would be for the channels of all protocols; say it in the namespaces`,
      ),
    )
  }
  return mistakes
}

function systemMistakes(record: ChannelRecord): readonly string[] {
  return foreignToSystem
    .filter(member => record[member] !== undefined)
    .map(member => `.${member} has no place in the system channel; leave it out`)
}

function plainMistakes(record: ChannelRecord): readonly string[] {
  const { handler = 'none', to, url } = record
  const scope = scopeOf(record)
  const mistakes: string[] = []
  if (record.includeSender === false && scope === 'channel') {
    mistakes.push('.includeSender is false, which needs scope client: in channel scope it would be a gap')
  }
  if (record.replayOnJoin === true && scope === 'client') {
    mistakes.push('.replayOnJoin needs scope channel: streams of one client are always replayed')
  }
  if (handler === 'publish') mistakes.push(...targetMistakes(to))
  else if (to !== undefined) mistakes.push(`.to has no effect with handler ${handler}; leave it out`)
  if (handler === 'webhook') mistakes.push(...urlMistakes(url))
  else if (url !== undefined) mistakes.push(`.url has no effect with handler ${handler}; leave it out`)
  return mistakes
}

function targetMistakes(to: string | undefined): readonly string[] {
  if (to === undefined || to === '') return ['.to is missing, which handler publish needs']
  const odd = /\{[^}]*\}?/g
  const unknown = (to.match(odd) ?? []).find(mark => mark !== clientIdMark)
  if (unknown !== undefined) return [`.to has ${unknown}, and ${clientIdMark} is all that may stand there`]
  return parseChannelName(to.replaceAll(clientIdMark, sampleId)) === undefined
    ? ['.to is no name that a channel can have']
    : []
}

function urlMistakes(url: string | undefined): readonly string[] {
  if (url === undefined || url === '') return ['.url is missing, which handler webhook needs']
  const address = parseCallUrl(url)
  return typeof address === 'string' ? [`.url ${address}`] : []
}
