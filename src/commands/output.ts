// What commands share: the terminal they read and write, how they end, and the parts that every help page has.
import { MessageChannel } from 'node:worker_threads'
import type { PrimaryOptions } from '../app/primary.ts'
import type { Frontend } from '../frontends/frontend.ts'
import type { Environment } from '../settings/settings.ts'
import type { Clock } from '../std/clock.ts'
import type { Random } from '../std/random.ts'
import { visibleLine, visibleText } from '../std/visible.ts'

/** Exit codes; each command's help says which of them it uses. */
export const exitCode = { ok: 0, failed: 1, usage: 2, later: 3, gap: 4 } as const

/** What a shell shows for a program that Ctrl-C ended. */
const interruptedCode = 130
/** Width of what help pages say beside options; commander wraps the rest. */
const helpColumns = 80

export interface Terminal {
  /**
   * To standard output, with a line end; on a terminal nothing in it can drive that. What the reader does not take waits
   * in memory: see `flush`.
   */
  print(text: string): void
  /** One line to standard error, after the program's name; what it quotes of others cannot leave the line. */
  complain(line: string): void
  /** Resolves once the readers took everything. A command with much to print waits for it now and then. */
  flush(): Promise<void>
  /** Whether a person sees what `print` writes: standard output is a terminal. */
  readonly isShown: boolean
  /** Width of the window; 80 where there is none. */
  readonly columns: number
  /** Whether a person types what `input` reads. */
  readonly isTyped: boolean
  readonly input: AsyncIterable<Uint8Array>
  /**
   * Aborted by Ctrl-C or SIGTERM, which do not end the process from this call on; the third one does. Called once.
   */
  interrupted(): AbortSignal
}

/** What a command is given. */
export interface Shell {
  readonly terminal: Terminal
  readonly environment: Environment
  readonly known: readonly Frontend[]
  readonly clock: Clock
  readonly random: Random
  /** Starts a node: the only thing that outlives the command. */
  start(options: PrimaryOptions): Promise<void>
  /** The process ends with this code once the command is done. */
  end(code: number): void
}

/** Complains of each mistake; returns the code that the command ends with. */
export function refuse(
  { terminal }: Shell,
  mistakes: readonly string[],
  code: number = exitCode.failed,
): number {
  for (const mistake of mistakes) terminal.complain(mistake)
  return code
}

/** The end of a help page: lines to copy, then what each exit code means. */
export function helpEnd(examples: readonly string[], codes: Readonly<Record<number, string>>): string {
  const meanings = Object.entries(codes).flatMap(([code, meaning]) =>
    wrap(meaning, helpColumns, ' '.repeat(code.length + 4)).map((line, index) =>
      index === 0 ? `  ${code}${line.slice(code.length + 2)}` : line,
    ),
  )
  return ['', 'Examples:', ...examples.map(line => `  ${line}`), '', 'Exit codes:', ...meanings].join('\n')
}

/** One line per piece of at most `width` characters; a word that is longer stands alone. */
export function wrap(text: string, width: number, indent = ''): readonly string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`
    if (line !== '' && indent.length + longer.length > width) {
      lines.push(indent + line)
      line = word
    } else line = longer
  }
  return [...lines, indent + line]
}

/** Rows as aligned columns, two blanks apart. */
export function alignRows(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map(row => row[column]?.length ?? 0)))
  return rows.map(row =>
    `  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}`.trimEnd(),
  )
}

/** An empty write is called back behind all others. */
function taken(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise(resolve => stream.write('', () => resolve()))
}

export function openTerminal(): Terminal {
  let isWatched = false
  const isShown = process.stdout.isTTY === true
  return {
    print(text) {
      // A reader that has enough (`| head`) ends the command. A node that prints no line here keeps its own rules.
      if (!isWatched) process.stdout.on('error', () => process.exit(exitCode.ok))
      isWatched = true
      process.stdout.write(`${isShown ? visibleText(text) : text}\n`)
    },
    complain(line) {
      process.stderr.write(`ringcast: ${visibleLine(line)}\n`)
    },
    async flush() {
      if (isWatched) await taken(process.stdout)
      await taken(process.stderr)
    },
    isShown,
    columns: process.stdout.columns ?? 80,
    get isTyped() {
      return process.stdin.isTTY === true
    },
    get input() {
      return process.stdin
    },
    interrupted() {
      const controller = new AbortController()
      let count = 0
      const interrupt = () => {
        controller.abort()
        // Two may be one: the terminal tells every process of its window, and a program that stands in front of this
        // one (node-release.ts) passes on what it was told.
        if (++count > 2) process.exit(interruptedCode)
      }
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, interrupt)
      // The clock's timers keep no process alive, so a command that waits to connect again needs something that does.
      new MessageChannel().port1.ref()
      return controller.signal
    },
  }
}
