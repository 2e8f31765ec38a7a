// Follows one channel by every protocol of a node in development, side by side: the client modules of the playground, at
// the places where the admin listener mounts the protocols. Where one breaks, all are made again.
import type { PlayConsumer } from '../frontends/play.ts'
import type { PlayData, PlayEntry } from '../playground/entry.ts'
import { playPrefix } from '../playground/playground.ts'
import { visibleLine } from '../std/visible.ts'
import { parseJsonText, readAnswer, reasonOf, recordOf, refusalText } from './api.ts'
import { exitCode, type Shell } from './output.ts'
import { Pauses } from './pauses.ts'

export interface SideBySideOptions {
  /** Of the admin listener, without a slash at the end. */
  readonly url: string
  readonly channel: string
  readonly reconnect: boolean
  readonly shell: Shell
}

/** As in `following.ts`: with a code the command ends too. */
interface End {
  readonly text: string
  readonly code?: number
  /** Nothing broke: the output waits for its reader. */
  readonly isUnread?: true
}

/**
 * UTF-16 units that were printed and not taken by the reader of the output. A WebSocket cannot be asked to wait, so beyond
 * it everything is left. More than twice the megabyte of the biggest publication as three protocols bring it at once.
 */
const unreadMax = 8 * 1_024 * 1_024

type Ended = (end: End) => void

export class SideBySide {
  readonly #options: SideBySideOptions
  readonly #interrupted: AbortSignal
  readonly #pauses: Pauses
  /** By protocol: what was printed, or told as missing, goes up to here. */
  readonly #positions = new Map<string, string>()
  /** Protocols that took the subscription at some time. */
  readonly #opened = new Set<string>()
  #unread = 0

  constructor(options: SideBySideOptions) {
    this.#options = options
    const { clock, random, terminal } = options.shell
    this.#interrupted = terminal.interrupted()
    this.#pauses = new Pauses(clock, random, this.#interrupted)
  }

  /** Resolves with the code that the command ends with. */
  async run(): Promise<number> {
    const { reconnect, shell } = this.#options
    for (;;) {
      const end = await this.#round()
      if (this.#interrupted.aborted) return exitCode.ok
      if (end.isUnread) {
        shell.terminal.complain(end.text)
        await shell.terminal.flush()
        continue
      }
      if (end.code !== undefined || !reconnect) {
        shell.terminal.complain(end.text)
        return end.code ?? exitCode.later
      }
      const ms = this.#pauses.next()
      shell.terminal.complain(`${end.text}; trying again in ${(ms / 1_000).toFixed(1)} s`)
      await this.#pauses.wait(ms)
    }
  }

  async #round(): Promise<End> {
    const data = await this.#ask()
    if ('text' in data) return data
    const { known } = this.#options.shell
    const clients = await Promise.all(
      data.protocols.map(({ name }) => known.find(frontend => frontend.name === name)?.play?.load()),
    )
    const leaves: (() => void)[] = []
    const over = new AbortController()
    const end = await new Promise<End>(resolve => {
      if (this.#interrupted.aborted) return resolve({ text: '' })
      this.#interrupted.addEventListener('abort', () => resolve({ text: '' }), { signal: over.signal })
      const places = this.#placesFor(data, resolve)
      for (const [index, entry] of data.protocols.entries()) {
        const [client, consumer] = [clients[index], places(entry)]
        if (client === undefined) consumer.closed('this version of the command does not know it')
        else leaves.push(client.subscribe(this.#targetOf(entry), consumer))
      }
    })
    over.abort()
    for (const leave of leaves) leave()
    return end
  }

  /** What the node tells of its protocols, or why it does not. */
  async #ask(): Promise<PlayData | End> {
    const { channel, url } = this.#options
    const path = `${playPrefix}/data?channel=${encodeURIComponent(channel)}`
    let response: Response
    try {
      response = await fetch(url + path, { signal: this.#interrupted, redirect: 'manual' })
    } catch (error) {
      return { text: `${url} does not answer: ${reasonOf(error)}. Is the node running? ringcast starts one` }
    }
    const body = await readAnswer(response)
    if (response.status === 404) {
      const text = `${url} has no playground: the node is in production mode, or of an older version`
      return { text, code: exitCode.failed }
    }
    if (response.status >= 500) return { text: refusalText(response.status, body) }
    if (response.status !== 200) return { text: refusalText(response.status, body), code: exitCode.failed }
    const { protocols } = recordOf(parseJsonText(body))
    if (!Array.isArray(protocols)) {
      return { text: `${url} gives no playground; is it the admin listener?`, code: exitCode.failed }
    }
    return { channel, protocols: protocols as readonly PlayEntry[] } // as the node of this version makes them
  }

  #targetOf({ name, path, credentials }: PlayEntry) {
    const { channel, url } = this.#options
    return { url: url + path, channel, credentials, since: this.#positions.get(name) }
  }

  /** One that breaks ends the round; one that is refused from the start stands aside, and all of them end the command. */
  #placesFor({ protocols }: PlayData, ended: Ended): (entry: PlayEntry) => PlayConsumer {
    const { channel, shell } = this.#options
    const { terminal } = shell
    const width = Math.max(...protocols.map(({ name }) => name.length))
    const followed = new Set<string>()
    let aside = 0
    const tellIfComplete = () => {
      if (followed.size + aside < protocols.length) return
      if (followed.size === 0) {
        return ended({ text: 'no protocol takes the subscription', code: exitCode.failed })
      }
      this.#pauses.reset()
      terminal.complain(`following ${channel} by ${[...followed].join(', ')}; Ctrl-C ends`)
    }
    return ({ name }) => ({
      opened: position => {
        const isAgain = this.#opened.has(name)
        if (isAgain && !this.#positions.has(name)) {
          terminal.complain(`${name}: publications may be missing, for its stream tells no positions`)
        }
        this.#reached(name, position)
        this.#opened.add(name)
        followed.add(name)
        tellIfComplete()
      },
      received: (text, position) => {
        this.#reached(name, position)
        this.#print(`${name.padEnd(width)}  ${position ?? '-'}  ${visibleLine(text)}`, ended)
      },
      missed: position => {
        this.#reached(name, position)
        terminal.complain(`${name}: publications are missing`)
      },
      closed: why => {
        // One that was open at some time is refused for a while: the node stops, or starts.
        if (this.#opened.has(name)) return ended({ text: `${name}: ${why}` })
        terminal.complain(`${name}: ${why}`)
        aside++
        tellIfComplete()
      },
    })
  }

  #reached(name: string, position: string | undefined): void {
    if (position !== undefined) this.#positions.set(name, position)
  }

  #print(line: string, ended: Ended): void {
    const { terminal } = this.#options.shell
    terminal.print(line)
    this.#unread += line.length
    void terminal.flush().then(() => {
      this.#unread -= line.length
    })
    if (this.#unread <= unreadMax) return
    ended({
      text: 'the output is not read; following goes on behind what was printed, once it is',
      isUnread: true,
    })
  }
}
