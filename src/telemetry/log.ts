// The log: JSON lines on standard output, one object each, written before the call returns, so that the last line
// before an end is never lost. On a terminal the same lines are made readable. Nobody logs a secret, a token or a
// payload; `redaction.ts` is the net for the day when somebody does.
import { writeSync } from 'node:fs'
import { isatty, WriteStream } from 'node:tty'
import { type DestinationStream, pino } from 'pino'
import { visibleJson, visibleLine, visibleText } from '../std/visible.ts'
import type { LogCode } from './codes.ts'
import { createOutput } from './output.ts'
import { redactFields, redactText } from './redaction.ts'

type Fields = Readonly<Record<string, unknown>>

interface Write {
  (text: string): void
  (fields: Fields, text: string): void
}

/** What somebody may be woken up for has a code. */
type WriteCoded<Code> = (fields: Fields & { readonly code: Code }, text: string) => void

/** Codes are those of the table, where nothing else is said. */
export interface Log<Code extends string = LogCode> {
  /** Least level that is written: `trace` to `fatal`, or `silent`. May change at any time. */
  level: string
  readonly trace: Write
  readonly debug: Write
  readonly info: Write
  readonly warn: WriteCoded<Code>
  readonly error: WriteCoded<Code>
  readonly fatal: WriteCoded<Code>
}

export interface LogSettings {
  readonly logLevel: string
  /** `auto` is pretty on a terminal and JSON elsewhere. */
  readonly logFormat: 'auto' | 'json' | 'pretty'
}

const standardOutput = 1
const standardError = 2

/**
 * One log per thread. `thread` is part of each line. Levels are pino's numbers and times Unix milliseconds, as
 * tools for pino's lines expect them.
 */
export async function openLog({ logLevel, logFormat }: LogSettings, thread: string): Promise<Log<string>> {
  // Asked by its number: a worker's `process.stdout` is a stream to the primary and never a terminal.
  const isTerminal = isatty(standardOutput)
  const isPretty = logFormat === 'pretty' || (logFormat === 'auto' && isTerminal)
  const output = createOutput(bytes => writeSync(standardOutput, bytes))
  // In JSON ASCII is escaped already, and so are the fields of a readable line: what is above drives terminals, too.
  const write = (line: string) => output(visibleJson(line))
  const log: Log<string> = pino(
    {
      level: logLevel,
      base: { thread },
      formatters: { log: redactFields },
      // Errors are described by the formatter above; pino's own serializer would take the description apart again.
      serializers: { err: (described: unknown) => described },
      hooks: { streamWrite: redactText },
    },
    isPretty ? await prettyStream(write, isTerminal) : { write },
  )
  return log
}

/** One plain line on standard error for the end of a process that cannot log any more. Never throws. */
export function lastWords(line: string): void {
  createOutput(bytes => writeSync(standardError, bytes))(`ringcast: ${visibleText(redactText(line))}\n`)
}

/** Plain text between the lines, for whoever reads along. Never throws: it may cost its reader the text, never the node. */
export function print(text: string): void {
  createOutput(bytes => writeSync(standardOutput, bytes))(`${text}\n`)
}

/** Loaded where it is needed only, for it costs each thread 20 ms at its start. */
async function prettyStream(write: (line: string) => void, isTerminal: boolean): Promise<DestinationStream> {
  const { prettyFactory } = await import('pino-pretty')
  const format = prettyFactory({
    // Asks the environment for NO_COLOR and TERM, but the stream for nothing, so it holds in a worker too.
    colorize: isTerminal && WriteStream.prototype.hasColors(),
    // Fields stay JSON on the line, so that no control character of theirs reaches the terminal. What stands in ASCII
    // in the text itself would be left out, or begin a line that nobody wrote.
    singleLine: true,
    translateTime: 'SYS:HH:MM:ss.l',
    messageFormat: ({ thread, msg }) => `${thread} ${visibleLine(String(msg ?? ''))}`,
    ignore: 'thread',
  })
  return { write: line => write(format(line)) }
}
