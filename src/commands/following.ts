// Follows one channel over as many connections as it takes: each goes on where the last one broke.
import { visibleLine } from '../std/visible.ts'
import { type Api, askApi, parseJsonText, reasonOf, recordOf } from './api.ts'
import { exitCode, type Shell } from './output.ts'
import { Pauses } from './pauses.ts'
import { StreamDecoder, type StreamItem } from './stream-decoder.ts'

export interface FollowingOptions {
  readonly api: Api
  readonly channel: string
  readonly form: 'plain' | 'position' | 'object'
  /** Publications after which it ends. */
  readonly limit: number
  readonly reconnect: boolean
  readonly exitOnGap: boolean
  readonly shell: Shell
}

/** Why a connection ended: with a code the command ends too, else it may try again. */
interface End {
  readonly text: string
  readonly code?: number
  /** What the node asks it to wait; undefined: nothing. */
  readonly retryMs?: number | undefined
}

/** Longer than any node asks for. */
const retryMsMax = 300_000

export class Following {
  readonly #options: FollowingOptions
  readonly #interrupted: AbortSignal
  /** What was printed, or told as missing, goes up to here. */
  #position: string | undefined
  #count = 0
  readonly #pauses: Pauses

  constructor(options: FollowingOptions, since: string | undefined) {
    this.#options = options
    const { clock, random, terminal } = options.shell
    this.#interrupted = terminal.interrupted()
    this.#pauses = new Pauses(clock, random, this.#interrupted)
    this.#position = since
  }

  /** Resolves with the code that the command ends with. */
  async run(): Promise<number> {
    const { terminal } = this.#options.shell
    for (;;) {
      const end = await this.#connect()
      if (this.#interrupted.aborted) return this.#tellPosition(exitCode.ok)
      if (end.code === exitCode.ok) return end.code
      if (end.code !== undefined || !this.#options.reconnect) {
        terminal.complain(end.text)
        return this.#tellPosition(end.code ?? exitCode.later)
      }
      const ms = Math.min(end.retryMs ?? this.#pauses.next(), retryMsMax)
      terminal.complain(`${end.text}; trying again in ${(ms / 1_000).toFixed(1)} s`)
      await this.#pauses.wait(ms)
    }
  }

  async #connect(): Promise<End> {
    const { api, channel } = this.#options
    const query = this.#position === undefined ? '' : `?since=${encodeURIComponent(this.#position)}`
    const path = `/v1/channels/${encodeURIComponent(channel.toWellFormed())}/stream${query}`
    // Ends the request with the loop below, also where it returns early.
    const left = new AbortController()
    const signal = AbortSignal.any([this.#interrupted, left.signal])
    const reply = await askApi(api, path, { headers: { accept: 'text/event-stream' } }, signal)
    if (!reply.ok)
      return reply.isTemporary ? { text: reply.text } : { text: reply.text, code: exitCode.failed }
    if (!reply.response.headers.get('content-type')?.startsWith('text/event-stream')) {
      left.abort()
      return { text: `${api.url} gives no event stream; is it the HTTP API?`, code: exitCode.failed }
    }
    const decoder = new StreamDecoder()
    try {
      for await (const piece of reply.response.body ?? []) {
        for (const item of decoder.push(piece)) {
          const end = this.#take(item)
          if (end !== undefined) return end
        }
        await this.#options.shell.terminal.flush()
      }
      return { text: `${api.url} ended the stream` }
    } catch (error) {
      return { text: `the stream broke: ${reasonOf(error)}` }
    } finally {
      left.abort()
    }
  }

  #take({ name, id, data, retryMs }: StreamItem): End | undefined {
    switch (name) {
      case 'open':
      case 'gap': {
        this.#pauses.reset()
        const said = recordOf(parseJsonText(data))
        this.#position = String(said['position'])
        return name === 'gap' || said['gap'] === true ? this.#gap() : undefined
      }
      case 'end':
        return {
          text: `the node ended the stream: ${String(recordOf(parseJsonText(data))['reason'])}`,
          retryMs,
        }
      case '':
        this.#position = id
        this.#print(id, data)
        this.#count++
        return this.#count >= this.#options.limit ? { text: '', code: exitCode.ok } : undefined
      default:
        return undefined // of a later version
    }
  }

  #print(position: string, data: string): void {
    const { form, shell } = this.#options
    shell.terminal.print(lineOf(form, position, data, shell.terminal.isShown))
  }

  #gap(): End | undefined {
    const text = `a gap: publications up to ${this.#position} are missing`
    if (this.#options.exitOnGap) return { text, code: exitCode.gap }
    this.#options.shell.terminal.complain(text)
    return undefined
  }

  #tellPosition(code: number): number {
    const { terminal } = this.#options.shell
    if (this.#position !== undefined) terminal.complain(`go on with --since ${this.#position}`)
    return code
  }
}

/**
 * `data` is an object with one member, named after the kind of its content, `none` where there is none. JSON is cut out of it as it stands. For a
 * person who sees it it is one line whatever was published; a program gets the bytes.
 */
export function lineOf(
  form: FollowingOptions['form'],
  position: string,
  data: string,
  isShown = false,
): string {
  const { text, base64, none } = recordOf(parseJsonText(data))
  const isText = form !== 'object' && text !== undefined
  // Outside of its strings JSON may have tabs, which mean nothing there and would not when they are escaped.
  const safe = (line: string) => (isShown ? visibleLine(isText ? line : line.replaceAll('\t', ' ')) : line)
  if (form === 'object') return safe(`{"position":${JSON.stringify(position)},${data.trimStart().slice(1)}`)
  // Like an empty text: each publication is a line.
  const own = none === true ? '' : String(text ?? base64 ?? /^\{"data":([\s\S]*)\}$/.exec(data)?.[1] ?? data)
  return safe(form === 'position' ? `${position} ${own}` : own)
}
