// One protocol of the page: what arrives by it, what is published by it, and lines that do the same in a terminal.
import type { PlayClient } from '../../frontends/play.ts'
import type { PlayEntry } from '../entry.ts'
import { Connection, type State } from './connection.ts'
import { copyOf, copyText, find, findInput, timeText } from './elements.ts'

/** Older ones go, so that a page that is left open does not grow. */
const messagesMax = 200

const missedText =
  'Messages are missing here: the history of the channel does not hold them (RINGCAST_HISTORY_SIZE).'
const unsureText = 'Messages may be missing here: this stream tells no positions.'

const words: Readonly<Record<State, string>> = { connecting: 'connecting', open: 'open', closed: 'closed' }

export class Column {
  readonly root: HTMLElement
  readonly #channel: string
  readonly #entry: () => Promise<PlayEntry>
  readonly #connection: Connection
  readonly #log: HTMLElement
  #state: State = 'closed'

  /** `entry` asks for what is true now; `first` is what was told already. */
  constructor(channel: string, first: PlayEntry, entry: () => Promise<PlayEntry>) {
    this.#channel = channel
    this.#entry = entry
    this.root = copyOf('column')
    this.#log = find(this.root, '.log')
    this.#connection = new Connection(channel, {
      entry,
      changed: (state, why) => this.#show(state, why),
      received: (text, position) => this.#add(text, position),
      missed: sure => this.#note(sure ? missedText : unsureText),
    })
    this.#name(first)
    this.#listen()
    void this.#connection.open()
  }

  /** For good. */
  close(): void {
    this.#connection.close('')
    this.root.remove()
  }

  #name({ name, wire, positions, curl }: PlayEntry): void {
    const { root } = this
    root.id = `column-${name}`
    root.setAttribute('aria-labelledby', `name-${name}`)
    find(root, 'h2').id = `name-${name}`
    find(root, 'h2').textContent = name
    find(root, '.wire').textContent = wire
    find(root, '.positions').textContent = positions
    this.#log.setAttribute('aria-label', `Messages by ${name}`)
    const label = find(root, '.publish label')
    label.textContent = `Publish by ${name}`
    label.setAttribute('for', `text-${name}`)
    const input = findInput(root, '.publish input')
    input.id = `text-${name}`
    input.value = JSON.stringify({ hello: `from ${name}` })
    const lines = [curl.subscribe, curl.publish]
    for (const [index, line] of [...root.querySelectorAll<HTMLElement>('.line')].entries()) {
      const text = lines[index] ?? ''
      const action = find(line, '.action').textContent
      const field = findInput(line, '.curl')
      field.value = text
      field.setAttribute('aria-label', `curl line: ${action} by ${name}`)
      field.addEventListener('focus', () => field.select())
      const button = find(line, '.copy')
      button.setAttribute('aria-label', `Copy the curl line: ${action} by ${name}`)
      button.addEventListener('click', () => void copyText(button, text))
    }
    find(root, '.clear').setAttribute('aria-label', `Clear the messages by ${name}`)
  }

  #listen(): void {
    find(this.root, '.toggle').addEventListener('click', () => {
      if (this.#state === 'closed') void this.#connection.open()
      else this.#connection.close('you disconnected')
    })
    find(this.root, '.clear').addEventListener('click', () => this.#log.replaceChildren())
    find(this.root, '.publish').addEventListener('submit', event => {
      event.preventDefault()
      void this.#publish(findInput(this.root, '.publish input').value)
    })
    for (const kind of ['pointerover', 'pointerout'] as const) {
      this.#log.addEventListener(kind, ({ target }) => {
        const item = target instanceof Element ? target.closest('li') : null
        for (const same of sameAs(item)) same.classList.toggle('same', kind === 'pointerover')
      })
    }
  }

  #show(state: State, why: string): void {
    this.#state = state
    find(this.root, '.state').dataset['state'] = state
    find(this.root, '.state .word').textContent = words[state]
    find(this.root, '.why').textContent = why
    find(this.root, '.toggle').textContent = state === 'closed' ? 'Reconnect' : 'Disconnect'
  }

  async #publish(text: string): Promise<void> {
    const shown = find(this.root, '.answer')
    shown.dataset['kind'] = ''
    shown.textContent = 'publishing …'
    try {
      const { module, path, credentials } = await this.#entry()
      const client: PlayClient = await import(module)
      const target = { url: location.origin + path, channel: this.#channel, credentials }
      const answer = await client.publish(target, text)
      const verdict = answer.ok ? 'Accepted' : answer.status === 0 ? 'No answer' : 'Refused'
      shown.dataset['kind'] = answer.ok ? 'taken' : 'refused'
      shown.textContent = `${verdict}: ${[answer.status || '', answer.text].join(' ').trim()}`
    } catch (error) {
      shown.dataset['kind'] = 'refused'
      shown.textContent = `No answer: ${error}`
    }
  }

  #add(text: string, position: string | undefined): void {
    const item = copyOf('message')
    find(item, '.text').textContent = text
    find(item, '.position').textContent = position ?? 'no position'
    find(item, 'time').textContent = timeText()
    if (position !== undefined) item.dataset['position'] = position
    this.#append(item)
    const total = document.querySelectorAll('.column').length
    const items = sameAs(item)
    for (const same of items) {
      find(same, '.seen').textContent = `${items.length} of ${total}`
      find(same, '.seen').title = 'columns in which it arrived'
      same.classList.toggle('everywhere', items.length === total)
    }
  }

  #note(text: string): void {
    const item = document.createElement('li')
    item.className = 'note'
    item.textContent = text
    this.#append(item)
  }

  #append(item: HTMLElement): void {
    this.#log.append(item)
    while (this.#log.childElementCount > messagesMax) this.#log.firstElementChild?.remove()
    this.#log.scrollTop = this.#log.scrollHeight
  }
}

/** The same publication in all columns, found by its position. */
function sameAs(item: HTMLElement | null): HTMLElement[] {
  const position = item?.dataset['position']
  if (position === undefined) return []
  return [...document.querySelectorAll<HTMLElement>(`li[data-position="${CSS.escape(position)}"]`)]
}
