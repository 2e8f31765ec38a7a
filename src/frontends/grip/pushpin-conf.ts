// The original's configuration file to settings of ours (contract §3): where it is, what it includes, what its words stand
// for. Reading files is an argument.
import { dirname, isAbsolute, join, resolve } from 'node:path'
import { confOptions, isInternal } from './conf-options.ts'
import type { ConfContext } from './conf-values.ts'
import { type Ini, type IniValue, parseIni } from './ini.ts'

export interface ConfPlace {
  /** Absolute. */
  readonly workingDir: string
  /** The text of a file; undefined: it cannot be read. */
  read(path: string): string | undefined
}

export interface ConfWish {
  /** Of `--config`; undefined: the usual places are looked through. */
  readonly path: string | undefined
  /** Of `--id`. */
  readonly id: number | undefined
}

export type ConfReading =
  | {
      readonly ok: true
      /** Variables of ours. */
      readonly environment: Readonly<Record<string, string>>
      /** Sentences for the operator: what has no effect, and why. */
      readonly remarks: readonly string[]
    }
  /** Sentences. */
  | { readonly ok: false; readonly mistakes: readonly string[] }

/** In this order; those that are not absolute are below the working directory. */
const usualPlaces = [
  'config/pushpin.conf',
  'pushpin.conf',
  'examples/config/pushpin.conf',
  '/etc/pushpin/pushpin.conf',
  '/usr/local/etc/pushpin/pushpin.conf',
]

/** What `{libdir}` stands for where packages put it. Nothing but internals is there. */
const libdir = '/usr/lib/pushpin'

/** How far apart the ports of two daemons on one host are (contract §3, row 302). */
const idPortStep = 10

export function readConf({ path, id }: ConfWish, place: ConfPlace): ConfReading {
  const places = (path === undefined ? usualPlaces : [path]).map(each => resolve(place.workingDir, each))
  const file = firstOf(places, place)
  if (file === undefined) {
    return { ok: false, mistakes: [`no configuration can be read: ${places.join(', ')}`] }
  }
  const found = file.path
  const own = parseIni(file.text)
  const words = wordsOf(own, id)
  const included = readIncluded(own, found, words, place)
  if (typeof included === 'string') return { ok: false, mistakes: [`${found}: ${included}`] }
  const mistakes = [
    ...own.mistakes.map(({ line, text }) => `${found}: line ${line} ${text}`),
    ...(included?.mistakes ?? []).map(
      ({ line, text }) => `${found}: line ${line} of what it includes ${text}`,
    ),
  ]
  const values = new Map<string, IniValue>()
  for (const [name, { value, line }] of [...(included?.values ?? []), ...own.values]) {
    values.set(name, { value: substituted(value, words), line })
  }
  const offset = id === undefined ? (values.get('global.port_offset')?.value ?? '0') : String(id * idPortStep)
  if (!/^\d{1,5}$/.test(offset)) mistakes.push(`${found}: global.port_offset is '${offset}', and no number`)
  const taken = takeAll(values, {
    get: name => values.get(name)?.value,
    besideFile: each => resolve(dirname(found), each),
    belowHere: each => resolve(place.workingDir, each),
    portOffset: Number(offset),
  })
  mistakes.push(...taken.mistakes.map(mistake => `${found}: ${mistake}`))
  if (mistakes.length > 0) return { ok: false, mistakes }
  return { ok: true, environment: taken.environment, remarks: taken.remarks.map(each => `${found}: ${each}`) }
}

function firstOf(
  paths: readonly string[],
  { read }: ConfPlace,
): { readonly path: string; readonly text: string } | undefined {
  for (const path of paths) {
    const text = read(path)
    if (text !== undefined) return { path, text }
  }
  return undefined
}

/** Undefined: nothing is included, or only internals. A string: the end of a sentence that begins with the file. */
function readIncluded(
  own: Ini,
  from: string,
  words: ReadonlyMap<string, string>,
  { read }: ConfPlace,
): Ini | string | undefined {
  const value = own.values.get('global.include')?.value ?? ''
  if (value === '') return undefined
  const target = substituted(value, words)
  const path = isAbsolute(target) ? target : join(dirname(from), target)
  const text = read(path)
  if (text !== undefined) return parseIni(text)
  // It is gone with the original's package, and no loss.
  return value.startsWith('{libdir}/') ? undefined : `includes ${path}, which cannot be read`
}

function wordsOf({ values }: Ini, id: number | undefined): ReadonlyMap<string, string> {
  return new Map([
    ['libdir', libdir],
    ['rundir', values.get('global.rundir')?.value ?? 'run'],
    ['ipc_prefix', id === undefined ? (values.get('global.ipc_prefix')?.value ?? 'pushpin-') : `p${id}-`],
  ])
}

function substituted(value: string, words: ReadonlyMap<string, string>): string {
  return value.replace(/\{(libdir|rundir|ipc_prefix)\}/g, (whole, word) => words.get(word) ?? whole)
}

interface Taken {
  readonly environment: Readonly<Record<string, string>>
  readonly mistakes: readonly string[]
  readonly remarks: readonly string[]
}

function takeAll(values: ReadonlyMap<string, IniValue>, context: ConfContext): Taken {
  const environment: Record<string, string> = {}
  const mistakes: string[] = []
  const idle = new Map<string, string[]>()
  const passOver = (name: string, why: string) => idle.set(why, [...(idle.get(why) ?? []), name])
  for (const name of values.keys()) {
    if (confOptions.has(name)) continue
    const why = isInternal(name)
      ? 'ignored, since there are no separate processes'
      : 'unknown, and passed over'
    passOver(name, why)
  }
  for (const [name, option] of confOptions) {
    const given = values.get(name)
    if (option.kind === 'setting') {
      const value = given?.value ?? option.absent
      const taken = value === undefined ? {} : option.take(value, context)
      if (typeof taken !== 'string') Object.assign(environment, taken)
      else mistakes.push(`${name}${given === undefined ? '' : ` (line ${given.line})`} ${taken}`)
    } else if (given !== undefined) {
      const isQuiet = option.quiet?.includes(given.value) === true
      if (!isQuiet) passOver(name, reasonOf(option))
    }
  }
  return { environment, mistakes, remarks: [...idle].map(([why, names]) => `${why}: ${names.join(', ')}`) }
}

function reasonOf({
  kind,
  because,
}: {
  readonly kind: 'ignored' | 'unsupported'
  readonly because: string
}): string {
  return kind === 'ignored' ? `ignored, since ${because}` : `not supported, since ${because}`
}
