// The rules in force: out of the settings, or out of a file that is looked at once a second (contract §2.9). A change that
// cannot be read leaves the rules as they were; holds keep the rule that they came by.
import { statSync } from 'node:fs'
import type { Clock } from '../../../std/clock.ts'
import { codeOf } from '../../../std/fault.ts'
import { readRegularFile } from '../../../std/regular-file.ts'
import { type RouteWarning, readRoutes, routesBytesMax } from './source.ts'
import { buildTable, type Table } from './table.ts'

export interface WatchedOptions {
  readonly clock: Clock
  /** Rules came: they are in force when this returns. */
  loaded(table: Table, warnings: readonly RouteWarning[]): void
  /** Ends of sentences that begin with the source. */
  failed(source: string, why: string): void
}

interface Source {
  /** Empty: `text` holds. */
  readonly file: string
  readonly text: string
}

const lookMs = 1_000

export class WatchedRoutes {
  readonly #options: WatchedOptions
  #source: Source
  #table: Table = buildTable([]).table
  /** What the file was when it was read last. */
  #seen = ''

  constructor(options: WatchedOptions, source: Source) {
    this.#options = options
    this.#source = source
    this.#read()
    options.clock.every(lookMs, () => this.#look())
  }

  get table(): Table {
    return this.#table
  }

  /** The file is read even where it looks as before. */
  reload(source: Source): void {
    this.#source = source
    this.#read()
  }

  #look(): void {
    const { file } = this.#source
    if (file !== '' && stampOf(file) !== this.#seen) this.#read()
  }

  #read(): void {
    const { file, text } = this.#source
    if (file === '') return this.#take('the setting routes_text', text)
    this.#seen = stampOf(file)
    const reading = readRegularFile(file, { bytesMax: routesBytesMax, follow: true })
    if (reading.ok) this.#take(file, reading.bytes.toString('utf8'))
    else this.#options.failed(file, `cannot be read: ${reading.reason}`)
  }

  #take(source: string, text: string): void {
    const reading = readRoutes(text)
    if (!reading.ok) return this.#options.failed(source, reading.mistake)
    this.#table = reading.table
    this.#options.loaded(reading.table, reading.warnings)
  }
}

/** Changes with whatever is written or put in its place; a code where nothing can be seen there. */
function stampOf(file: string): string {
  try {
    const { ino, size, mtimeNs } = statSync(file, { bigint: true })
    return `${ino} ${size} ${mtimeNs}`
  } catch (error) {
    // A folder may lose its permissions, or a link lead in a circle: that is looked at again in a second.
    return codeOf(error)
  }
}
