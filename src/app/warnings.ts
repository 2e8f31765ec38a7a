// What does not refuse the start and still should be known: each a line of the log, and a line of `ringcast check`.
import type { Log } from '../telemetry/log.ts'

/** A sentence, and the code of its line. */
export interface ConfigurationWarning {
  readonly code: 'file-doubtful' | 'file-exposed' | 'setting-idle' | 'setting-weak'
  readonly text: string
}

export function logWarnings(warnings: readonly ConfigurationWarning[], log: Log): void {
  for (const { code, text } of warnings) {
    if (code === 'file-exposed') log.warn({ code: 'file-exposed' }, text)
    else if (code === 'file-doubtful') log.warn({ code: 'file-doubtful' }, text)
    else if (code === 'setting-idle') log.warn({ code: 'setting-idle' }, text)
    else log.warn({ code: 'setting-weak' }, text)
  }
}
