// `ringcast ring plan`: what a change of the list of nodes costs, before anybody makes it.
import type { Nodes } from '../ring/nodes.ts'
import { type GivenChannel, movedOf, planOf } from '../ring/plan.ts'
import { type NodeRecord, ringSection } from '../ring/settings.ts'
import { unknownText } from '../settings/names.ts'
import type { SettingsReading } from '../settings/settings.ts'
import { readRegularFile } from '../std/regular-file.ts'
import { alignRows } from './output.ts'
import { parseNode } from './ring-map.ts'

/** As the command line says it. */
export interface Changes {
  readonly add: readonly string[]
  readonly remove: readonly string[]
  readonly weight: readonly string[]
}

/** A million names of a hundred bytes. */
const channelsBytesMax = 128 * 1_048_576

/** The list after the changes; texts: why there is none. */
export function changedRecords(
  records: readonly NodeRecord[],
  { add, remove, weight }: Changes,
): readonly NodeRecord[] | { readonly mistakes: readonly string[] } {
  const names = records.map(({ name }) => name)
  const mistakes: string[] = []
  const known = (flag: string, name: string) => {
    if (!names.includes(name))
      mistakes.push(`${flag} ${name}, which ${unknownText(name, names)}; known are ${names.join(', ')}`)
  }
  for (const name of remove) known('--remove', name)
  const weights = new Map(weight.map(text => parseWeight(text, mistakes)))
  for (const name of weights.keys()) known('--weight', name)
  const added = add.flatMap(text => {
    const node = parseNode(text)
    if (typeof node !== 'string') return [node]
    mistakes.push(`--add ${node}`)
    return []
  })
  if (add.length + remove.length + weight.length === 0)
    mistakes.push('say what changes: --add, --remove or --weight')
  if (mistakes.length > 0) return { mistakes }
  const kept = records.filter(({ name }) => !remove.includes(name))
  const weighed = kept.map(record => ({ ...record, weight: weights.get(record.name) ?? record.weight ?? 1 }))
  return [...weighed, ...added]
}

function parseWeight(text: string, mistakes: string[]): readonly [name: string, weight: number] {
  const [, name = text, digits = '0'] = /^([^=]+)=(\d{1,3})$/.exec(text) ?? []
  const { min, max } = ringSection.fields.nodes.members.weight.setting
  const weight = Number(digits)
  if (weight < min || weight > max) mistakes.push(`--weight ${text} is no NAME=WEIGHT from ${min} to ${max}`)
  return [name, weight]
}

/** The settings with another list of nodes. */
export function withRecords(reading: SettingsReading, records: readonly NodeRecord[]): SettingsReading {
  const ring = { ...reading.values[ringSection.name], nodes: records }
  return { ...reading, values: { ...reading.values, [ringSection.name]: ring } }
}

/** A channel on each line; behind a tab may stand how many subscribe to it. A text: why they cannot be had. */
export function readChannels(path: string): readonly GivenChannel[] | string {
  const reading = readRegularFile(path, { bytesMax: channelsBytesMax, follow: true })
  if (!reading.ok) return `--channels ${path} cannot be read: ${reading.reason}`
  const lines = reading.bytes.toString('utf8').split(/\r?\n/)
  return lines
    .filter(line => line !== '')
    .map(line => {
      const [, name = line, digits] = /^(.*)\t(\d{1,12})$/.exec(line) ?? []
      return { name, subscribers: digits === undefined ? undefined : Number(digits) }
    })
}

/** Without a line end at the end. */
export function planText(before: Nodes, after: Nodes, channels: readonly GivenChannel[] | undefined): string {
  const { nodes, moves } = planOf(before, after)
  const rows = nodes.map(node => [
    node.name,
    percent(node.before),
    percent(node.after),
    percent(node.leaves),
    percent(node.joins),
  ])
  return [
    `Part of all channels, by the ${before.map === 'ketama' ? 'consistent' : 'plain'} map:`,
    ...alignRows([['node', 'now', 'then', 'leaves it', 'joins it'], ...rows]),
    '',
    `${percent(moves)} of all channels move: their clients are closed, and come back to another node.`,
    ...(channels === undefined
      ? [`Expected reconnects: ${percent(moves)} of all clients, where channels have as many each.`]
      : channelLines(before, after, channels)),
    'A channel that moved begins a new epoch, so whoever resumes is told of a gap.',
  ].join('\n')
}

function channelLines(before: Nodes, after: Nodes, channels: readonly GivenChannel[]): readonly string[] {
  const moved = movedOf(before, after, channels)
  const lines = [`Of ${channels.length} channels given, ${moved.length} move.`]
  if (channels.every(({ subscribers }) => subscribers === undefined)) return lines
  const sum = (list: readonly GivenChannel[]) =>
    list.reduce((total, { subscribers = 0 }) => total + subscribers, 0)
  return [...lines, `Expected reconnects: ${sum(moved)} of ${sum(channels)} subscribers.`]
}

function percent(part: number): string {
  return `${(part * 100).toFixed(1)} %`
}
