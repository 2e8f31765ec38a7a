// The log: JSON lines on standard output, one object each, written before the call returns, so that the last line
// before an end is never lost. Nobody logs a secret, a token or a payload.
import { writeSync } from 'node:fs'
import { type Logger, pino } from 'pino'

export type Log = Logger

export function openLog(level: string, thread: string): Log {
  return pino({ level, base: { thread } }, pino.destination({ fd: 1, sync: true }))
}

/** One plain line on standard error for the end of a process that cannot log any more. */
export function lastWords(line: string): void {
  writeSync(2, `ringcast: ${line}\n`)
}
