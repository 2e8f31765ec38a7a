// SIGHUP: reads the settings again and takes over what can change while connections stay. What cannot is named in
// the log, and waits for a restart.
import type { Frontend } from '../frontends/frontend.ts'
import { pathOf } from '../settings/names.ts'
import type { Sources, Values } from '../settings/settings.ts'
import { systemRandom } from '../std/random.ts'
import type { Section, SettingValue } from '../std/setting.ts'
import type { Log } from '../telemetry/log.ts'
import { type Configuration, readConfiguration } from './configuration.ts'
import { checkOpen } from './mode.ts'
import { nodeSettingsOf, sectionsFor } from './node.ts'
import { readRing, ringChangeMistakes } from './ring.ts'
import type { NodeSettings } from './settings.ts'
import { type ConfigurationWarning, logWarnings } from './warnings.ts'

export class Reload {
  readonly #known: readonly Frontend[]
  readonly #sources: Sources
  readonly #log: Log
  /** Secrets that this run made up stay: they are not read again. */
  readonly #generated: ReadonlyMap<string, string>
  /** In force now. */
  #values: Values
  /** Those of the settings in force, which were told. */
  #warnings: readonly ConfigurationWarning[]

  constructor(known: readonly Frontend[], sources: Sources, configuration: Configuration, log: Log) {
    this.#known = known
    this.#sources = sources
    this.#log = log
    this.#generated = configuration.generated
    this.#values = configuration.values
    this.#warnings = configuration.warnings
  }

  get values(): Values {
    return this.#values
  }

  get node(): NodeSettings {
    return nodeSettingsOf(this.#values)
  }

  /** True: the workers are to take `values`. A mistake anywhere leaves everything as it was. */
  run(): boolean {
    const again = readConfiguration(this.#known, this.#sources, systemRandom)
    if (again.mistakes.length > 0) return this.#refuse(again.mistakes)
    const passing = ringChangeMistakes(this.#values, again.values)
    if (passing.length > 0) return this.#refuse(passing)
    const { values, changed, waiting } = merge(sectionsFor(this.#known), this.#values, again, this.#generated)
    // A half that is live must not open what the half that waits would have closed.
    const { mistakes } = readRing(this.#known, again.frontends, { values, origins: again.origins })
    const open = [...checkOpen(values, again.frontends), ...mistakes]
    if (open.length > 0) return this.#refuse(open)
    this.#values = values
    const told = new Set(this.#warnings.map(({ text }) => text))
    this.#warnings = again.warnings
    logWarnings(
      again.warnings.filter(({ text }) => !told.has(text)),
      this.#log,
    )
    this.#log.level = this.node.logLevel
    this.#log.info(
      { changed, waiting },
      waiting.length === 0 ? 'settings reloaded' : 'settings reloaded; some wait for a restart',
    )
    // Also where no setting changed: what a setting names, such as a file of keys, may have.
    return true
  }

  #refuse(mistakes: readonly string[]): false {
    for (const mistake of mistakes) this.#log.error({ code: 'reload-refused' }, mistake)
    this.#log.error({ code: 'reload-refused' }, 'settings were read again and refused: nothing changed')
    return false
  }
}

interface Merged {
  readonly values: Values
  /** Paths of settings in force now, and of those that differ but need a restart. Never values: some are secrets. */
  readonly changed: readonly string[]
  readonly waiting: readonly string[]
}

function merge(
  sections: readonly Section[],
  old: Values,
  { values: fresh, generated }: Configuration,
  before: ReadonlyMap<string, string>,
): Merged {
  const values: Values = {}
  const changed: string[] = []
  const waiting: string[] = []
  const madeUp = (value: SettingValue | undefined, names: ReadonlyMap<string, string>) =>
    Array.isArray(value) && value.length === 1 && [...names.values()].includes(value[0])
  for (const { name, fields } of sections) {
    const own = { ...old[name] }
    for (const [key, setting] of Object.entries(fields)) {
      const [was, now] = [own[key], fresh[name]?.[key]]
      if (now === undefined || isSame(was, now)) continue
      if (madeUp(was, before) && madeUp(now, generated)) continue
      if (setting.live) own[key] = now
      ;(setting.live ? changed : waiting).push(pathOf(name, key))
    }
    values[name] = own
  }
  return { values, changed, waiting }
}

function isSame(one: SettingValue | undefined, other: SettingValue): boolean {
  return JSON.stringify(one) === JSON.stringify(other)
}
